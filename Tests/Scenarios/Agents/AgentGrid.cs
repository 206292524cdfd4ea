using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using PiGrid.Api;
using PiGrid.Models;
using PiGrid.Tests.NodeAgent;
using PiGrid.Tests.Silo;
using PiGrid.Verification;

namespace PiGrid.Tests.Scenarios.Agents;

/// <summary>A silo in this process with two tiny models published: one that adds, one that never ends. Agents are real processes.</summary>
internal sealed class AgentGrid : IAsyncDisposable
{
    public const string Add = "add", Endless = "endless";

    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-agents-").FullName;
    private readonly List<AgentProcess> _agents = [];

    private AgentGrid(TestSilo silo) => Silo = silo;

    public TestSilo Silo { get; }

    public static async Task<AgentGrid> StartAsync(params string[] arguments)
    {
        var grid = new AgentGrid(await TestSilo.StartAsync(arguments));
        await using var validator = await TestWorker.StartAsync(grid.Silo, grid.Silo.Bootstrap.OperatorNodeToken);
        await grid.PublishAsync(Add, OnnxModels.Add(2), new() { SecondsPerInput = 2 });
        await grid.PublishAsync(Endless, OnnxModels.EndlessLoop(), new() { SecondsPerInput = 3_000, MemoryMib = 600 });
        return grid;
    }

    /// <summary>Starts an agent; the same name is the same data folder, and so the same node.</summary>
    public AgentProcess StartAgent(string name, string preferences = "{}", int slots = 1, bool slow = false)
    {
        string[] fault = slow ? ["--fault", "slow"] : [];
        var agent = AgentProcess.Start(
            Silo.Url, Silo.Bootstrap.EnrolmentToken!, Path.Combine(_folder, name), preferences, ["--slots", $"{slots}", .. fault]);
        _agents.Add(agent);
        return agent;
    }

    /// <summary>Submits a job of one input, wanted once.</summary>
    public async Task<JobId> SubmitAsync(string model)
    {
        var input = model == Add ? Works.Floats(("a", [1, 2]), ("b", [3, 4])) : Works.Floats(("x", [1]));
        var spec = new JobSpec
        {
            Model = new(model, "1"),
            Policy = VerificationPolicy.None,
            Inputs = [new JobInput { Name = "one", Data = input }],
        };
        using var response = await Silo.Http.PostAsJsonAsync("/api/jobs", new SubmitJobRequest(null, spec), GridJson.Wire);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!.Id;
    }

    /// <summary>The job once it is over.</summary>
    public async Task<JobStatus> FinishAsync(JobId job) =>
        (await Silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{job}?wait_ms=60000", GridJson.Wire))!;

    /// <summary>The job's events, until one is what is waited for.</summary>
    public async Task<IReadOnlyList<JobEvent>> EventsAsync(JobId job, Func<JobEvent, bool> last)
    {
        List<JobEvent> events = [];
        using var late = new CancellationTokenSource(Patience.Limit);
        await using var stream = await Silo.Http.GetStreamAsync($"/api/jobs/{job}/events", late.Token);
        await foreach (var item in SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize<JobEvent>(data, GridJson.Wire)!).EnumerateAsync(late.Token))
        {
            events.Add(item.Data);
            if (last(item.Data))
            {
                return events;
            }
        }

        throw new InvalidOperationException($"The event never came. There were: {string.Join("; ", events.Select(e => $"{e.Kind} {e.Detail}"))}");
    }

    /// <summary>How the agent's node stands.</summary>
    public async Task<NodeStatus> StatusAsync(AgentProcess agent)
    {
        using var key = PiGrid.NodeAgent.Identity.NodeKey.LoadOrCreate(Path.Combine(agent.Data, "node.key"));
        return (await Silo.Grains.GetGrain<INodeGrain>(key.Node.Value).GetStatus())!;
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

    private async Task PublishAsync(string name, byte[] model, ManifestLimits limits)
    {
        using var content = new ByteArrayContent(model);
        using var uploaded = await Silo.Http.PostAsync("/api/blobs", content);
        var blob = (await uploaded.Content.ReadFromJsonAsync<BlobRef>(GridJson.Wire))!;
        var manifest = new ModelManifest
        {
            Schema = ModelManifest.SchemaV1,
            Name = name,
            Version = "1",
            Publisher = "tests",
            Licence = "Apache-2.0",
            Category = "test",
            Model = new() { File = "model.onnx", Sha256 = blob.Sha256, Size = blob.Size },
            Preprocess = new() { Kind = InputKind.Tensors },
            Postprocess = new() { Kind = OutputKind.Tensors },
            Comparator = new() { Kind = ComparatorKind.Tensors },
            Limits = limits,
        };
        using var published = await Silo.Http.PostAsJsonAsync("/api/models", manifest, GridJson.Wire);
        Assert.True(published.IsSuccessStatusCode, await published.Content.ReadAsStringAsync());
        var status = await Silo.Http.GetFromJsonAsync<ModelStatus>($"/api/models/{name}/versions/1?wait_ms=20000", GridJson.Wire);
        Assert.Equal((ModelState.Ready, null), (status!.State, status.Reason));
    }
}
