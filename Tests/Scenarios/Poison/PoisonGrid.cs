using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Client;
using PiGrid.Models;
using PiGrid.Tests.Inference;
using PiGrid.Tests.NodeAgent;
using PiGrid.Tests.Silo;
using PiGrid.Verification;

namespace PiGrid.Tests.Scenarios.Poison;

/// <summary>
/// A silo, an operator's node and two volunteers' agents, all whole, with worker processes that run a tiny model through ONNX Runtime. How long that
/// model runs and how much memory it takes are up to its input.
/// </summary>
public sealed class PoisonGrid : IAsyncLifetime
{
    private readonly List<AgentRun> _agents = [];
    private TestSilo _silo = null!;

    /// <summary>A client with the operator's key.</summary>
    public GridClient Client { get; private set; } = null!;

    /// <summary>The model: <c>y = value + sum(zeros(size))</c>, carried through <c>rounds</c> rounds of a loop.</summary>
    public ModelRef Model { get; private set; }

    /// <summary>An input that takes nothing.</summary>
    public static byte[] Good(float value) => Input(value, rounds: 1, size: 1);

    /// <summary>An input for that many rounds and zeros.</summary>
    public static byte[] Input(float value, long rounds, long size) => Manifests.Input(
        Manifests.Floats("value", [1], value),
        new TensorData("rounds", "int64", [1], BitConverter.GetBytes(rounds)),
        new TensorData("size", "int64", [1], BitConverter.GetBytes(size)));

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync();
        Client = new GridClient(_silo.Url, _silo.Bootstrap.OperatorKey);
        _agents.Add(AgentRun.Start(_silo.Url.ToString(), _silo.Bootstrap.OperatorNodeToken));
        _agents.Add(AgentRun.Start(_silo.Url.ToString(), _silo.Bootstrap.EnrolmentToken!));
        _agents.Add(AgentRun.Start(_silo.Url.ToString(), _silo.Bootstrap.EnrolmentToken!));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var file = await Client.UploadAsync(Onnx(), limit.Token);
        var manifest = Manifests.Tensors with
        {
            Name = "hungry",
            Model = new() { File = "hungry.onnx", Sha256 = file.Sha256, Size = file.Size },
            Limits = new() { MemoryMib = 256, SecondsPerInput = 1 },
        };
        await Client.PublishAsync(manifest, limit.Token);
        var ready = await Client.WaitForModelAsync(manifest.Ref, limit.Token);
        Assert.True(ready.State == ModelState.Ready, ready.Reason);
        Model = ready.Ref;
    }

    /// <summary>Runs a job to its end.</summary>
    public async Task<(JobStatus Job, List<JobResult> Results)> RunAsync(IReadOnlyList<byte[]> inputs)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var spec = new JobSpec
        {
            Model = Model,
            Policy = VerificationPolicy.Quorum(2),
            Inputs = inputs.Select((bytes, i) => new JobInput { Name = $"input {i}", Data = bytes }).ToArray(),
        };
        var submitted = await Client.SubmitAsync(spec, cancellationToken: limit.Token);
        var ended = await Client.WaitForJobAsync(submitted.Id, limit.Token);
        return (ended, await Client.ReadResultsAsync(submitted.Id, cancellationToken: limit.Token).ToListAsync(limit.Token));
    }

    public async Task DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }

        Client.Dispose();
        await _silo.DisposeAsync();
    }

    private static byte[] Onnx() => OnnxModels.Model(g => g
        .Message(1, n => OnnxModels.Node(n, "ConstantOfShape", ["size"], ["zeros"]))
        .Message(1, n => OnnxModels.Node(n, "ReduceSum", ["zeros"], ["none"]))
        .Message(1, n => OnnxModels.Node(n, "Add", ["value", "none"], ["start"]))
        .Message(1, n => OnnxModels.Node(n, "Loop", ["rounds", "true", "start"], ["y"])
            .Message(5, a => a.Text(1, "body").Message(6, OnnxModels.LoopBody).Number(20, 5)))
        .Message(5, t => t.Number(2, (int)TensorElementType.Bool).Text(8, "true").Bytes(9, [1]))
        .Value(11, "value", TensorElementType.Float, [1])
        .Value(11, "rounds", TensorElementType.Int64, [1])
        .Value(11, "size", TensorElementType.Int64, [1])
        .Value(12, "y", TensorElementType.Float, [1]));
}
