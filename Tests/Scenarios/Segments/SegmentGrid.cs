using System.Net.Http.Json;
using PiGrid.Client;
using PiGrid.Inference;
using PiGrid.Models;
using PiGrid.Tests.Inference.Segments;
using PiGrid.Tests.Scenarios.Agents;
using PiGrid.Tests.Silo;
using PiGrid.Verification;

namespace PiGrid.Tests.Scenarios.Segments;

/// <summary>
/// A silo in this process that cuts every model and spot-checks every shard, the demo's detector, and an operator node that is a real agent with real workers.
/// </summary>
internal sealed class SegmentGrid : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-segments-").FullName;
    private readonly List<AgentProcess> _agents = [];

    private SegmentGrid(TestSilo silo) => Silo = silo;

    public TestSilo Silo { get; }

    /// <summary>The operator's agent.</summary>
    public AgentProcess Operator => _agents[0];

    public static async Task<SegmentGrid> StartAsync(params string[] arguments)
    {
        var grid = new SegmentGrid(await TestSilo.StartAsync(
            ["--Segments:ModelBytesMin=1", "--Segments:Count=5", "--Segments:SegmentsPerCheck=64", "--Trust:AuditRate=1", "--Jobs:ShardInputsMax=1", "--Jobs:AuditPatience=00:01:00", .. arguments]));
        await grid.StartAgent("operator", grid.Silo.Bootstrap.OperatorNodeToken).SaysAsync("Session");
        using var client = new GridClient(grid.Silo.Url, grid.Silo.Bootstrap.OperatorKey);
        var folder = await ManifestFolder.LoadAsync(Path.Combine(TestData.RepositoryRoot, "eng", "demo-model", "bundle", "manifest.json"));
        await client.PublishAsync(folder);
        var ready = await client.WaitForModelAsync(folder.Sealed.Ref);
        Assert.True(ready.State == ModelState.Ready, ready.Reason);
        Assert.InRange(ready.Report!.Plan!.Segments.Count, 2, 5);
        return grid;
    }

    /// <summary>Starts a real agent.</summary>
    public AgentProcess StartAgent(string name, string token)
    {
        var agent = AgentProcess.Start(Silo.Url, token, Path.Combine(_folder, name), "{}", "--slots", "1");
        _agents.Add(agent);
        return agent;
    }

    /// <summary>Runs pictures, each taken as it first comes, but for what is checked.</summary>
    public async Task<JobStatus> RunAsync(params string[] pictures)
    {
        using var client = new GridClient(Silo.Url, Silo.Bootstrap.OperatorKey);
        var inputs = new List<JobInput>();
        foreach (var picture in pictures)
        {
            inputs.Add(new JobInput { Name = picture, Blob = await client.UploadAsync(StreetModel.Picture(picture)) });
        }

        var job = await client.SubmitAsync(new JobSpec { Model = StreetModel.Manifest.Ref, Policy = VerificationPolicy.None, Inputs = inputs });
        return (await Silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{job.Id}?wait_ms=60000", GridJson.Wire))!;
    }

    /// <summary>Compares a job's results with runs in this process.</summary>
    public async Task AssertTruthAsync(JobStatus job, params string[] pictures)
    {
        Assert.Equal((JobState.Completed, 0), (job.State, job.InputsFailed));
        using var pipeline = Pipeline.Load(StreetModel.Manifest, StreetModel.Files);
        var results = new List<JobResult>();
        await foreach (var result in Silo.Grains.GetGrain<IJobGrain>(job.Id.Value).ReadResults(0, default))
        {
            results.Add(result);
        }

        Assert.Equal(pictures.Length, results.Count);
        Assert.All(results, result => Assert.Equal(
            Agreement.Agree, OutputComparer.Compare(Comparator.Of(StreetModel.Manifest), pipeline.Run(StreetModel.Picture(pictures[result.Index])).Output, result.Output)));
    }

    /// <summary>The receipt of a job's first shard, whose signatures hold.</summary>
    public async Task<ReceiptBody> ReceiptAsync(JobStatus job)
    {
        var receipt = (await Silo.Http.GetFromJsonAsync<Receipt>($"/api/jobs/{job.Id}/shards/0/receipt", GridJson.Wire))!;
        Assert.Empty(ReceiptCheck.Verify(receipt, receipt.Body.GridKey));
        return receipt.Body;
    }

    public async Task<NodeStatus> StatusAsync(NodeId node) => (await Silo.Http.GetFromJsonAsync<NodeStatus>($"/api/nodes/{node}", GridJson.Wire))!;

    /// <summary>The node of an agent.</summary>
    public static NodeId NodeOf(AgentProcess agent)
    {
        using var key = PiGrid.NodeAgent.Identity.NodeKey.LoadOrCreate(Path.Combine(agent.Data, "node.key"));
        return key.Node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }

        await Silo.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
