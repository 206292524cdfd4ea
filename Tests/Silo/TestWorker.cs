using System.Net.WebSockets;
using PiGrid.Models;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo;

/// <summary>
/// A node that answers every lease by the protocol. What it computes is the digest of each input, so that every honest node agrees; the agent's own
/// work has tests of its own.
/// </summary>
public sealed class TestWorker : IAsyncDisposable
{
    private readonly TestNode _node;
    private readonly ClientWebSocket _socket;
    private readonly Func<ShardInput, ItemOutput> _compute;
    private readonly Task _working;
    private readonly TaskCompletionSource<Verdict> _judged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestWorker(TestNode node, ClientWebSocket socket, Func<ShardInput, ItemOutput> compute)
    {
        _node = node;
        _socket = socket;
        _compute = compute;
        _working = WorkAsync();
    }

    public List<Verdict> Verdicts { get; } = [];

    public Task<Verdict> FirstVerdict => _judged.Task;

    public NodeId Node => _node.Id;

    public static async Task<TestWorker> StartAsync(TestSilo silo, string token, Func<ShardInput, ItemOutput>? compute = null, NodeProfile? profile = null)
    {
        var node = new TestNode(silo) { Self = profile ?? TestNode.Profile };
        await node.EnrolAsync(token);
        var (socket, _) = await node.ConnectAsync();
        return new TestWorker(node, socket, compute ?? Honest);
    }

    /// <summary>The right answer.</summary>
    public static ItemOutput Honest(ShardInput input) => new()
    {
        Tensors = new List<TensorData> { new("digest", "uint8", new List<long> { 32 }, input.Blob.Sha256.ToArray()) },
    };

    /// <summary>A wrong one, the same of all who lie.</summary>
    public static ItemOutput Lie(ShardInput input) => new()
    {
        Tensors = new List<TensorData> { new("digest", "uint8", new List<long> { 32 }, new byte[32]) },
    };

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
            await _working;
        }
        catch (WebSocketException)
        {
            // The silo has ended the session before: it was stopped, or could not go on without its store.
        }

        await _node.DisposeAsync();
    }

    private async Task WorkAsync()
    {
        while (await TestNode.ReceiveAsync(_socket) is { } message)
        {
            switch (message)
            {
                case AssignMessage { Assignment: var assignment }:
                    await TestNode.SendAsync(_socket, new AcceptMessage(assignment.Lease.Lease.Id));
                    await TestNode.SendAsync(_socket, new ResultMessage(Result(assignment)));
                    await TestNode.SendAsync(_socket, new HeartbeatMessage(TestNode.Heartbeat));
                    break;
                case VerdictMessage verdict:
                    Verdicts.Add(verdict.Verdict);
                    _judged.TrySetResult(verdict.Verdict);
                    break;
            }
        }
    }

    private SignedResult Result(Assignment assignment)
    {
        var order = assignment.Order;
        return Sign(_node, assignment, order.Work.Kind == WorkKind.Validate
            ? [new ItemOutput { Report = new ModelReport { Inputs = new List<TensorSpec>(), Outputs = new List<TensorSpec>(), Ringers = new List<ItemOutput>(), InputMs = 1 } }]
            : order.Inputs.Select(_compute).ToArray());
    }

    /// <summary>A result as the node signs it.</summary>
    public static SignedResult Sign(TestNode node, Assignment assignment, ItemOutput[] items)
    {
        var order = assignment.Order;
        var output = new ShardOutput { Items = items }.ToCanonicalBytes();
        var statement = new ResultStatement
        {
            Type = ResultStatement.TypeV1,
            Lease = assignment.Lease.Lease.Id,
            Manifest = order.Work.Manifest.Sha256,
            ModelFile = order.Work.ModelFile?.Sha256,
            Inputs = order.Inputs.Select(i => i.Blob.Sha256).ToArray(),
            Output = Sha256.Of(output),
            Provider = "cpu",
            Library = TestNode.Profile.Library,
            HardwareClass = TestNode.Profile.HardwareClass,
            TotalMs = 1,
            ModelMs = 1,
        };
        return new SignedResult
        {
            Lease = assignment.Lease,
            Statement = statement,
            Signature = Signatures.Sign(node.Key, CanonicalJson.Serialize(statement)),
            Output = output,
            OutputSize = output.Length,
        };
    }
}
