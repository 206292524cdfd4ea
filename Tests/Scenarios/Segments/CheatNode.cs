using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json;
using PiGrid.Inference.Segments;
using PiGrid.Protocol;
using PiGrid.Tests.Inference.Segments;
using PiGrid.Tests.Silo;
using PiGrid.Verification;

namespace PiGrid.Tests.Scenarios.Segments;

/// <summary>How a node goes wrong.</summary>
public enum Cheat
{
    /// <summary>Makes up what one segment gives, and computes the rest from it: its tensors, its commitment and its output fit together.</summary>
    OneSegment,

    /// <summary>Is honest, and opens the run of another input than it was asked for.</summary>
    AnotherRun,

    /// <summary>Is honest, and opens too little.</summary>
    TooLittle,

    /// <summary>Is honest, and never opens anything.</summary>
    Silent,

    /// <summary>Is honest and knows nothing of segments, as an older agent.</summary>
    Old,
}

/// <summary>A volunteer by the protocol, with a real model, that goes wrong in one way.</summary>
internal sealed class CheatNode : IAsyncDisposable
{
    private const int ForgedSegment = 1;
    private readonly TestNode _node;
    private readonly ClientWebSocket _socket;
    private readonly Cheat _cheat;
    private readonly HttpClient _http;
    private readonly Dictionary<Sha256, Dictionary<string, TensorData>> _runs = [];
    private SegmentPlan? _plan;
    private SegmentProver? _prover;

    private CheatNode(TestNode node, ClientWebSocket socket, Cheat cheat, Uri grid)
    {
        (_node, _socket, _cheat, _http) = (node, socket, cheat, new HttpClient { BaseAddress = grid });
        Working = WorkAsync();
    }

    /// <summary>Ends with its session; fails when it could not do what it wanted.</summary>
    public Task Working { get; }

    public NodeId Node => _node.Id;

    public static async Task<CheatNode> StartAsync(TestSilo silo, Cheat cheat)
    {
        var node = new TestNode(silo) { Self = TestNode.Profile with { MemoryMib = 16_384, Segments = cheat != Cheat.Old } };
        await node.EnrolAsync(silo.Bootstrap.EnrolmentToken!);
        var (socket, _) = await node.ConnectAsync();
        return new CheatNode(node, socket, cheat, silo.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        try
        {
            await Working;
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Its socket was just taken from it.
        }

        _http.Dispose();
        _prover?.Dispose();
    }

    private async Task WorkAsync()
    {
        while (await TestNode.ReceiveAsync(_socket) is { } message)
        {
            if (message is AssignMessage { Assignment: var assignment })
            {
                await TestNode.SendAsync(_socket, new AcceptMessage(assignment.Lease.Lease.Id));
                if (assignment.Order.Work.Kind == WorkKind.Open && _cheat == Cheat.Silent)
                {
                    continue;
                }

                await ReturnAsync(assignment, assignment.Order.Work.Kind == WorkKind.Open ? Open(assignment.Order) : await RunAsync(assignment));
                await TestNode.SendAsync(_socket, new HeartbeatMessage(TestNode.Heartbeat));
            }
        }
    }

    private async Task<(ItemOutput[] Items, Sha256[]? Commitments)> RunAsync(Assignment assignment)
    {
        var order = assignment.Order;
        if (order.Work.Segments?.Plan is not { } named)
        {
            using var pipeline = PiGrid.Inference.Pipeline.Load(StreetModel.Manifest, StreetModel.Files);
            return ([pipeline.Run(await FetchAsync(assignment, order.Inputs[0].Blob.Sha256)).Output], null);
        }

        _plan ??= JsonSerializer.Deserialize<SegmentPlan>(await FetchAsync(assignment, named.Sha256), GridJson.Wire)!;
        _prover ??= new SegmentProver(StreetModel.Manifest, StreetModel.Files, _plan);
        var input = await FetchAsync(assignment, order.Inputs[0].Blob.Sha256);
        var (tensors, output) = ForgedRun.Of(_prover, _plan, input, ForgedSegment, _cheat == Cheat.OneSegment ? 1.5f : 1);
        _runs[order.Inputs[0].Blob.Sha256] = tensors;
        return ([output], [CanonicalJson.Digest(_prover.Commit(tensors))]);
    }

    private (ItemOutput[] Items, Sha256[]? Commitments) Open(WorkOrder order)
    {
        var tensors = _cheat == Cheat.AnotherRun
            ? _prover!.Tensors(_prover.Prepare(StreetModel.Picture("junction.jpg")))
            : _runs[order.Inputs[0].Blob.Sha256];
        var opening = _prover!.Open(order.Challenges![0], tensors);
        var item = new ItemOutput { Opening = new() { Commitment = _prover.Commit(tensors), Tensors = opening.Tensors } };
        return (_cheat == Cheat.TooLittle ? [] : [item], null);
    }

    private async Task ReturnAsync(Assignment assignment, (ItemOutput[] Items, Sha256[]? Commitments) made)
    {
        var signed = TestWorker.Sign(_node, assignment, made.Items);
        var statement = signed.Statement with
        {
            Type = assignment.Order.Work.Kind == WorkKind.Open ? ResultStatement.OpeningV1 : made.Commitments is null ? ResultStatement.TypeV1 : ResultStatement.TypeV2,
            Commitments = made.Commitments,
        };
        using var content = new ByteArrayContent(signed.Output!);
        using var upload = new HttpRequestMessage(HttpMethod.Put, $"/node/blobs/{statement.Output}") { Content = content };
        upload.Headers.Authorization = new AuthenticationHeaderValue("Grant", assignment.Grant);
        using var uploaded = await _http.SendAsync(upload);
        uploaded.EnsureSuccessStatusCode();
        await TestNode.SendAsync(_socket, new ResultMessage(signed with
        {
            Statement = statement,
            Signature = Signatures.Sign(_node.Key, CanonicalJson.Serialize(statement)),
            Output = null,
        }));
    }

    private async Task<byte[]> FetchAsync(Assignment assignment, Sha256 blob)
    {
        if (assignment.Inline.FirstOrDefault(bytes => Sha256.Of(bytes) == blob) is { } inline)
        {
            return inline;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/node/blobs/{blob}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Grant", assignment.Grant);
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync();
    }
}
