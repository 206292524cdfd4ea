using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Client;
using PiGrid.Tests.Silo.OpenInference;
using PiGrid.Verification;

namespace PiGrid.Tests.Client;

/// <summary><c>pigrid infer</c>, <c>model load|unload</c> and <c>job status|list</c> against a grid at work.</summary>
public sealed class InferCommandTests : IAsyncLifetime
{
    private SameGrid _same = null!;

    public async Task InitializeAsync() => _same = await SameGrid.StartAsync();

    public async Task DisposeAsync() => await _same.DisposeAsync();

    [Fact]
    public async Task Model_WhenUnloadedAndLoadedByCommand_IsOutOfUseMeanwhile()
    {
        using var grid = GridClient.FromBootstrap(_same.Silo.Bootstrap);
        var input = InferInput.Of("x", new sbyte[] { 1, 2 }, 1, 2);
        var unloaded = await RunAsync("model", "unload", "same@1", "--json");
        using var hasty = new GridClient(_same.Silo.Url, _same.Silo.Bootstrap.OperatorKey, new GridClientOptions { RetriesMax = 0 });
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => hasty.InferAsync("same@1", [input], VerificationPolicy.None));
        var loaded = await RunAsync("model", "load", "same");
        var answer = await grid.InferAsync("same@1", [input], VerificationPolicy.None);

        Assert.Equal((0, 0), (unloaded.ExitCode, loaded.ExitCode));
        Assert.Equal("{\"unloaded\":\"same@1\"}", unloaded.Output.Trim());
        Assert.Contains("unloaded", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, answer.Replicas);
        Assert.Equal(3, (await RunAsync("model", "unload", "absent", "--force")).ExitCode);
    }

    [Fact]
    public async Task Infer_WhenCalledByCommand_ShowsOutputsAndReceipt()
    {
        await TensorModel.PublishAsync(_same.Silo.Http, "words", "1", OnnxModels.Identity(TensorElementType.String, OnnxModels.Open));

        var shown = await RunAsync("infer", "words", "--input", "x=hello", "--policy", "none");
        var json = await RunAsync("infer", "same", "--input", "x=[[5,6]]", "--policy", "none", "--json");
        var wrong = await RunAsync("infer", "same", "--input", "z=[[5,6]]");

        Assert.Equal((0, 0, 2), (shown.ExitCode, json.ExitCode, wrong.ExitCode));
        Assert.Contains("hello", shown.Output, StringComparison.Ordinal);
        Assert.Contains("rc_", shown.Output, StringComparison.Ordinal);
        using var answer = JsonDocument.Parse(json.Output);
        Assert.Equal("[5,6]", answer.RootElement.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        Assert.True(answer.RootElement.GetProperty("queue_ms").GetDouble() >= 0);
        Assert.Contains("'x'", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Placement_WhenGivenByCommand_HoldsForCallsEstimatesAndJobs()
    {
        var call = await RunAsync("infer", "same", "--input", "x=[[5,6]]", "--region", "mars, moon");
        var estimate = await RunAsync("job", "estimate", "--model", "same@1", "--privacy", "private", "--json");
        var file = Path.Combine(_same.Silo.Folder, "one.jsonl");
        await File.WriteAllTextAsync(file, """{"tensors":[{"name":"x","type":"int8","shape":[1,2],"data":"AQI="}]}""");
        var job = await RunAsync("job", "submit", "--model", "same@1", "--jsonl", file, "--region", "mars", "--privacy", "trusted", "--price-limit", "250000", "--json");
        var status = JsonSerializer.Deserialize<JobStatus>(job.Output, GridJson.Wire)!;
        var shown = await RunAsync("job", "status", status.Id.Value);
        var wrong = await RunAsync("job", "estimate", "--model", "same@1", "--price-limit", "cheap");
        var secret = await RunAsync("job", "estimate", "--model", "same@1", "--privacy", "secret");

        Assert.NotEqual(0, call.ExitCode);
        Assert.Contains("region mars or moon", call.Errors, StringComparison.Ordinal);
        Assert.Equal((0, 1), JsonSerializer.Deserialize<JobEstimate>(estimate.Output, GridJson.Wire) is { } cost ? (cost.ReplicasPerShard, cost.AuditsPerShard) : default);
        Assert.Equal(new PlacementTerms { Regions = ["mars"], PrivacyClass = PrivacyClass.Trusted, PriceLimit = new(250_000) }, status.Placement);
        Assert.Contains("nodes allowed", shown.Output, StringComparison.Ordinal);
        Assert.Equal((2, 2), (wrong.ExitCode, secret.ExitCode));
        Assert.Contains("--price-limit", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_WhenItWaits_SaysWhyAndWhenItIsExpectedToStart()
    {
        using var grid = GridClient.FromBootstrap(_same.Silo.Bootstrap);
        var tensors = JsonSerializer.SerializeToUtf8Bytes(new[] { new TensorData("x", "int8", [1, 2], [1, 2]) }, GridJson.Wire);
        var spec = new JobSpec { Model = ModelRef.Parse("same@1"), Policy = VerificationPolicy.Quorum(3) };
        var job = await grid.SubmitAsync(await grid.WithInputsAsync(spec, [InputSource.FromBytes("a", tensors)]));
        var queued = await grid.WatchAsync(job.Id).FirstAsync(e => e.Kind == JobEventKind.JobQueued && e.Detail is not null);

        var shown = await RunAsync("job", "status", job.Id.Value);
        var json = await RunAsync("job", "status", job.Id.Value, "--json");
        var listed = await RunAsync("job", "list", "--open", "--format", "ndjson");
        var table = await RunAsync("job", "list");

        Assert.Equal((0, 0, 0, 0), (shown.ExitCode, json.ExitCode, listed.ExitCode, table.ExitCode));
        Assert.Contains("expected start", shown.Output, StringComparison.Ordinal);
        var status = JsonSerializer.Deserialize<JobStatus>(json.Output, GridJson.Wire)!;
        Assert.Equal(queued.Detail, status.QueueReason);
        Assert.Equal(status.Id, JsonSerializer.Deserialize<JobStatus>(listed.Output, GridJson.Wire)!.Id);
        Assert.Contains("expected start", table.Output, StringComparison.Ordinal);
        Assert.Contains("waits", table.Output, StringComparison.Ordinal);
    }

    private Task<ClientRun> RunAsync(params string[] arguments) =>
        ClientProgram.RunAsync([.. arguments, "--bootstrap", Path.Combine(_same.Silo.Folder, "bootstrap.json")]);
}
