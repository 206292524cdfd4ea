using System.Net.WebSockets;
using System.Text;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo;

/// <summary>What an open session makes of what a node says wrongly. Another node's session is open meanwhile, and must not notice.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private TestSilo _silo = null!;
    private TestNode _node = null!;
    private TestNode _other = null!;
    private ClientWebSocket _socket = null!;
    private ClientWebSocket _others = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync();
        _node = await TestNode.EnrolledAsync(_silo);
        _other = await TestNode.EnrolledAsync(_silo);
        (_socket, _) = await _node.ConnectAsync();
        (_others, _) = await _other.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await TestNode.SendTextAsync(_others, """{"type":"dance"}""");
        Assert.Equal("unknown_message", (await TestNode.ReceiveErrorAsync(_others)).Code);
        await _node.DisposeAsync();
        await _other.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Theory]
    [InlineData("not json", "malformed", "invalid")]
    [InlineData("""{"kind":"accept"}""", "malformed", "'type'")]
    [InlineData("""{"type":"heartbeat"}""", "malformed", "heartbeat")]
    [InlineData("""{"type":"accept","lease":"l_short"}""", "malformed", "$.lease")]
    [InlineData("""{"type":"dance"}""", "unknown_message", "dance")]
    [InlineData("""{"type":"\ud800"}""", "malformed", "UTF-16")]
    [InlineData("""{"type":"heartbeat","heartbeat":{"free_slots":1,"load":1e999}}""", "malformed", "double")]
    [InlineData("""{"type":"hello","node":"n_aaaaaaaaaaaaaaaaaaaaaaaaaa","versions":[1]}""", "unexpected_message", "handshake")]
    [InlineData("""{"type":"heartbeat","heartbeat":{"free_slots":-1}}""", "invalid", "free_slots")]
    public async Task Session_WhenAMessageIsWrong_SaysWhatAndStaysOpen(string text, string code, string named)
    {
        await TestNode.SendTextAsync(_socket, text);

        var error = await TestNode.ReceiveErrorAsync(_socket);
        Assert.Equal(code, error.Code);
        Assert.Contains(named, error.Message, StringComparison.OrdinalIgnoreCase);
        await TestNode.SendTextAsync(_socket, """{"type":"again"}""");
        Assert.Equal("unknown_message", (await TestNode.ReceiveErrorAsync(_socket)).Code);
    }

    [Fact]
    public async Task Session_WhenAMemberIsUnknown_IgnoresIt()
    {
        await TestNode.SendTextAsync(_socket, """{"type":"heartbeat","heartbeat":{"free_slots":0,"mood":"fine"},"later":{"type":1}}""");
        await TestNode.SendTextAsync(_socket, """{"type":"again"}""");

        Assert.Equal("unknown_message", (await TestNode.ReceiveErrorAsync(_socket)).Code);
    }

    [Fact]
    public async Task Session_WhenTooManyMessagesAreWrong_IsClosed()
    {
        for (var i = 0; i < 4; i++)
        {
            await TestNode.SendTextAsync(_socket, "nonsense");
            await TestNode.ReceiveErrorAsync(_socket);
        }

        Assert.Null(await TestNode.ReceiveAsync(_socket));
        Assert.Equal(WebSocketCloseStatus.ProtocolError, _socket.CloseStatus);
    }

    [Fact]
    public async Task Session_WhenAFrameIsBinary_IsToldSo()
    {
        await TestNode.SendAsync(_socket, Encoding.UTF8.GetBytes("""{"type":"goodbye","reason":"x"}"""), WebSocketMessageType.Binary);

        Assert.Equal("malformed", (await TestNode.ReceiveErrorAsync(_socket)).Code);
    }

    [Fact]
    public async Task Session_WhenAFrameIsTooLarge_IsToldTheLimitAndClosed()
    {
        var frame = new byte[NodeProtocol.FrameBytesMax + 1];
        frame.AsSpan().Fill((byte)' ');

        await TestNode.SendAsync(_socket, frame);

        var error = await TestNode.ReceiveErrorAsync(_socket);
        Assert.Equal("too_large", error.Code);
        Assert.Contains("1048576", error.Message, StringComparison.Ordinal);
        Assert.Null(await TestNode.ReceiveAsync(_socket));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, _socket.CloseStatus);
    }

    [Fact]
    public async Task Session_WhenAFrameIsAsLargeAsAllowed_IsRead()
    {
        var frame = new byte[NodeProtocol.FrameBytesMax];
        frame.AsSpan().Fill((byte)' ');
        Encoding.UTF8.GetBytes("""{"type":"dance"}""", frame);

        await TestNode.SendAsync(_socket, frame);

        Assert.Equal("unknown_message", (await TestNode.ReceiveErrorAsync(_socket)).Code);
    }

    [Fact]
    public async Task Session_WhenAResultIsOfALeaseThatTheGridNeverGave_IsInvalid()
    {
        // A lease that the node signed itself: the grid's signature is what makes one.
        var lease = new Lease
        {
            Id = NewId.Lease(),
            Request = Guid.NewGuid(),
            Shard = new ShardId(NewId.Job(), 0),
            Node = _node.Id,
            Work = Sha256.Of("work"u8),
            IssuedAt = DateTimeOffset.UnixEpoch,
            Deadline = DateTimeOffset.MaxValue,
        };
        var output = CanonicalJson.Serialize(new ShardOutput { Items = new List<ItemOutput>() });
        var statement = new ResultStatement
        {
            Type = ResultStatement.TypeV1,
            Lease = lease.Id,
            Manifest = Sha256.Of("manifest"u8),
            Inputs = new List<Sha256> { Sha256.Of("input"u8) },
            Output = Sha256.Of(output),
            Provider = "cpu",
            Library = "test 1",
            HardwareClass = "x64-test-cpu",
            TotalMs = 1,
            ModelMs = 1,
        };

        await TestNode.SendAsync(_socket, new ResultMessage(new SignedResult
        {
            Lease = new SignedLease(lease, Signatures.Sign(_node.Key, CanonicalJson.Serialize(lease))),
            Statement = statement,
            Signature = Signatures.Sign(_node.Key, CanonicalJson.Serialize(statement)),
            Output = output,
            OutputSize = output.Length,
        }));

        var verdict = Assert.IsType<VerdictMessage>(await TestNode.ReceiveAsync(_socket));
        Assert.Equal((lease.Id, Verdict.Invalid), (verdict.Lease, verdict.Verdict));
        Assert.NotNull(verdict.Reason);
    }

    [Fact]
    public async Task Session_WhenTheNodeSaysGoodbye_IsClosedNormally()
    {
        await TestNode.SendAsync(_socket, new GoodbyeMessage("the evening"));

        Assert.Null(await TestNode.ReceiveAsync(_socket));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, _socket.CloseStatus);
    }

    [Fact]
    public async Task Session_WhenTheOwnerIsBanned_IsClosedAndMayNotReturn()
    {
        var record = await _silo.Grains.GetGrain<INodeGrain>(_node.Id.Value).GetRecord();

        await _silo.Grains.GetGrain<IOwnerGrain>(record!.Owner.Value).Ban("forged results");

        Assert.Null(await TestNode.ReceiveAsync(_socket));
        var (again, challenge) = await _node.HelloAsync();
        await TestNode.SendAsync(again, _node.Prove(challenge));
        var error = await TestNode.ReceiveErrorAsync(again);
        Assert.Equal("refused", error.Code);
        Assert.Contains("forged results", error.Message, StringComparison.Ordinal);
    }
}
