using System.Diagnostics;
using System.Text.Json;
using PiGrid.Client;
using PiGrid.Tests.Client;

namespace PiGrid.Tests.Scenarios.Demo;

/// <summary>The library, the command and the grain client against a grid of real processes.</summary>
[Collection(RealProcesses.Name)]
public sealed class GridTests(GridFixture grid) : IClassFixture<GridFixture>, IDisposable
{
    private static readonly string[] Three = ["bus-stop.jpg", "junction.jpg", "night-shift.jpg"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Command_WhenJobIsSubmittedAndRead_WritesLinesCocoAndPictures()
    {
        var submitted = await RunAsync(
            "job", "submit", GridFixture.Picture("bus-stop.jpg"), GridFixture.Picture("junction.jpg"), "--model", grid.Model.Value, "--name", "streets", "--wait", "--json");
        Assert.True(submitted.ExitCode == 0, submitted.Errors);
        var status = JsonSerializer.Deserialize<JobStatus>(submitted.Output, GridJson.Wire)!;
        Assert.Equal((JobState.Completed, 2, 0), (status.State, status.Inputs, status.InputsFailed));

        var lines = await RunAsync("job", "result", status.Id.Value);
        var coco = await RunAsync("job", "result", status.Id.Value, "--format", "coco");
        var pictures = await RunAsync("job", "result", status.Id.Value, "--format", "pictures", "--output", Path.Combine(_folder.Path, "out"));
        var listed = await RunAsync("job", "list");
        var watched = await RunAsync("job", "watch", status.Id.Value);

        var results = lines.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<JobResult>(l, GridJson.Wire)!).ToList();
        Assert.Equal(["bus-stop.jpg", "junction.jpg"], results.Select(r => r.Name));
        Assert.All(results, r => Assert.NotEmpty(r.Output.Detections!));
        using var document = JsonDocument.Parse(coco.Output);
        Assert.Equal(results.Sum(r => r.Output.Detections!.Count), document.RootElement.GetProperty("annotations").GetArrayLength());
        Assert.All(document.RootElement.GetProperty("images").EnumerateArray(), i => Assert.InRange(i.GetProperty("width").GetInt32(), 100, 5_000));
        Assert.Equal(0, pictures.ExitCode);
        Assert.Equal(["bus-stop.png", "junction.png"], Directory.GetFiles(Path.Combine(_folder.Path, "out")).Select(Path.GetFileName).Order());
        Assert.Contains("streets", listed.Output, StringComparison.Ordinal);
        Assert.Contains("completed", watched.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receipt_WhenJobIsDone_VerifiesOfflineWithItsOutputs()
    {
        var answer = await grid.Client.RunAsync(await SpecAsync(GridFixture.Picture("bus-stop.jpg")), TimeSpan.FromSeconds(60));
        var key = _folder.Write("grid.pem", (await RunAsync("receipt", "key")).Output);
        var receipt = _folder.Write("receipt.json", (await RunAsync("receipt", "show", answer.Results!.Single().Receipt!.Value.Value)).Output);
        var lines = (await RunAsync("job", "result", answer.Job.Id.Value)).Output;

        var honest = await VerifyAsync(receipt, key, _folder.Write("honest.jsonl", lines));
        var edited = await VerifyAsync(receipt, key, _folder.Write("edited.jsonl", lines.Replace("\"bus\"", "\"car\"", StringComparison.Ordinal)));

        Assert.True(honest.ExitCode == 0, honest.Output + honest.Errors);
        Assert.InRange(honest.Output.Split("agreed").Length - 1, 2, 3);
        Assert.Contains("credibility", honest.Output, StringComparison.Ordinal);
        Assert.Equal(1, edited.ExitCode);
        Assert.Contains("not those that the receipt proves", edited.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_WhenItHasUsedTheModel_ProvesThatItHasIt()
    {
        await grid.Client.RunAsync(await SpecAsync(Three.Select(GridFixture.Picture).ToArray()), TimeSpan.FromSeconds(60));

        // The next heartbeat asks; the answer is there before the one after.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        NodeStatus node;
        do
        {
            await Task.Delay(100, limit.Token);
            node = (await grid.Client.ListNodesAsync(limit.Token).ToListAsync(limit.Token)).Single(n => n.OwnerName == "alice");
        }
        while (node.ModelProofs.All(p => p.State is ModelProofState.Unasked or ModelProofState.Asked));

        Assert.Equal(ModelProofState.Proven, Assert.Single(node.ModelProofs).State);
        Assert.Contains("proven", (await RunAsync("node", "show", node.Id.Value)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_WhenOneInputIsNoPicture_RunsThatOneAlone()
    {
        var spec = await SpecAsync(GridFixture.Picture("bus-stop.jpg"), _folder.Write("poison.jpg", "no picture at all"));
        var answer = await grid.Client.RunAsync(spec, TimeSpan.FromSeconds(60));
        Assert.Equal((JobState.Completed, 1), (answer.Job.State, answer.Job.InputsFailed));

        var retried = await RunAsync("job", "retry", answer.Job.Id.Value, "--wait", "--json");

        var status = JsonSerializer.Deserialize<JobStatus>(retried.Output, GridJson.Wire)!;
        Assert.Equal((1, 1, answer.Job.Id), (status.Inputs, status.InputsFailed, status.RetryOf!.Value));
    }

    [Fact]
    public async Task Inputs_WhenMoreThanListed_TravelInAnIndex()
    {
        using var client = new GridClient(grid.Client.Grid, await KeyAsync(), new GridClientOptions { ListedInputsMax = 2 });
        var pictures = Three.Select(n => InputSource.FromFile(GridFixture.Picture(n))).ToList();

        var spec = await client.WithInputsAsync(new JobSpec { Model = grid.Model, Policy = VerificationPolicy.None }, pictures);
        var answer = await client.RunAsync(spec, TimeSpan.FromSeconds(60));

        Assert.Null(spec.Inputs);
        Assert.Equal(Three, answer.Results!.Select(r => r.Name));
    }

    [Fact]
    public async Task GrainClient_WhenRunInAnotherProcess_SubmitsAndReadsAJob()
    {
        var sample = Path.Combine(ClientProgram.OutputOf(Path.Combine("docs", "samples", "GrainClient")), "PiGrid.GrainClient.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", sample, grid.Data, grid.Model.Value, GridFixture.Picture("bus-stop.jpg")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, await errors);
        var result = JsonSerializer.Deserialize<JobResult>(await output, GridJson.Wire)!;
        Assert.NotEmpty(result.Output.Detections!);
        Assert.Contains("JobFinished", await errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_WhenAskedAndEnded_ShowsInTheNodesState()
    {
        var node = (await grid.Client.ListNodesAsync().ToListAsync()).Single(n => n.OwnerName == "bob");

        var drained = await RunAsync("node", "drain", node.Id.Value, "--json");
        var back = await RunAsync("node", "drain", node.Id.Value, "--end", "--json");

        Assert.Equal(NodeState.Draining, JsonSerializer.Deserialize<NodeStatus>(drained.Output, GridJson.Wire)!.State);
        Assert.NotEqual(NodeState.Draining, JsonSerializer.Deserialize<NodeStatus>(back.Output, GridJson.Wire)!.State);
    }

    // Without the grid's address: it is not needed.
    private static Task<ClientRun> VerifyAsync(string receipt, string key, string results) =>
        ClientProgram.RunAsync(["receipt", "verify", receipt, "--grid-key", key, "--results", results]);

    private Task<JobSpec> SpecAsync(params string[] files) =>
        grid.Client.WithInputsAsync(new JobSpec { Model = grid.Model, ShardSize = 1 }, [.. files.Select(f => InputSource.FromFile(f))]);

    private async Task<string> KeyAsync()
    {
        var bootstrap = await File.ReadAllTextAsync(Path.Combine(grid.Data, "bootstrap.json"));
        return JsonSerializer.Deserialize<Api.Bootstrap>(bootstrap, GridJson.Wire)!.OperatorKey;
    }

    private Task<ClientRun> RunAsync(params string[] arguments) =>
        ClientProgram.RunAsync([.. arguments, "--bootstrap", Path.Combine(grid.Data, "bootstrap.json")]);
}
