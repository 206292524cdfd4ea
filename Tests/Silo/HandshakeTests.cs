using System.Net.WebSockets;
using System.Security.Cryptography;
using PiGrid.Protocol;

namespace PiGrid.Tests.Silo;

public sealed class HandshakeTests : IAsyncLifetime
{
    private TestSilo _silo = null!;
    private TestNode _node = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync();
        _node = await TestNode.EnrolledAsync(_silo);
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Handshake_WhenTheKeyIsProven_OpensASession()
    {
        var (_, welcome) = await _node.ConnectAsync();

        Assert.Equal(10_000, welcome.HeartbeatMs);
        var status = await _silo.Grains.GetGrain<INodeGrain>(_node.Id.Value).GetStatus();
        Assert.Equal(NodeState.Online, status!.State);
    }

    [Fact]
    public async Task Handshake_WhenTheProofIsOfAnotherKey_IsRefused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (socket, challenge) = await _node.HelloAsync();

        await TestNode.SendAsync(socket, _node.Prove(challenge, other));

        Assert.Equal("bad_signature", (await TestNode.ReceiveErrorAsync(socket)).Code);
        Assert.Null(await TestNode.ReceiveAsync(socket));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
    }

    [Fact]
    public async Task Handshake_WhenAChallengeIsReplayed_IsRefused()
    {
        var (_, recorded) = await _node.HelloAsync();
        var proof = _node.Prove(recorded);
        var (socket, fresh) = await _node.HelloAsync();
        Assert.NotEqual(recorded.Nonce, fresh.Nonce);

        await TestNode.SendAsync(socket, proof);

        var error = await TestNode.ReceiveErrorAsync(socket);
        Assert.Equal("bad_signature", error.Code);
        Assert.Contains("sign the challenge of this connection", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_WhenNoVersionIsShared_NamesTheSilosOwn()
    {
        var socket = await _node.OpenAsync();

        await TestNode.SendAsync(socket, new HelloMessage(_node.Id, new List<int> { 99 }));

        var error = await TestNode.ReceiveErrorAsync(socket);
        Assert.Equal("no_common_version", error.Code);
        Assert.Contains("version 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_WhenTheNodeSpeaksNewerVersionsToo_ChoosesTheSharedOne()
    {
        var socket = await _node.OpenAsync();

        await TestNode.SendAsync(socket, new HelloMessage(_node.Id, new List<int> { 2, 1 }));

        Assert.Equal(1, Assert.IsType<ChallengeMessage>(await TestNode.ReceiveAsync(socket)).Version);
    }

    [Fact]
    public async Task Handshake_WhenTheNodeIsNotEnrolled_IsRefused()
    {
        await using var stranger = new TestNode(_silo);
        var socket = await stranger.OpenAsync();

        await TestNode.SendAsync(socket, new HelloMessage(stranger.Id, new List<int> { 1 }));

        Assert.Equal("not_enrolled", (await TestNode.ReceiveErrorAsync(socket)).Code);
    }

    [Theory]
    [InlineData("{", "malformed")]
    [InlineData("[]", "malformed")]
    [InlineData("""{"type":"dance"}""", "unknown_message")]
    [InlineData("""{"type":"goodbye","reason":"x"}""", "unexpected_message")]
    public async Task Handshake_WhenTheFirstMessageIsNotHello_IsRefused(string text, string code)
    {
        var socket = await _node.OpenAsync();

        await TestNode.SendTextAsync(socket, text);

        Assert.Equal(code, (await TestNode.ReceiveErrorAsync(socket)).Code);
    }

    [Fact]
    public Task Handshake_WhenTheProfileIsOutOfBounds_IsRefused() => AssertRefusedAsync(TestNode.Profile with { Slots = 0 }, "profile.slots");

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000_001)]
    public Task Handshake_WhenThePriceIsOutOfBounds_IsRefused(long price) => AssertRefusedAsync(TestNode.Profile with { PricePerHour = new(price) }, "profile.price_per_hour");

    [Fact]
    public async Task Session_WhenANewerOneOpens_IsClosed()
    {
        var (older, _) = await _node.ConnectAsync();
        await _node.ConnectAsync();

        Assert.Null(await TestNode.ReceiveAsync(older));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, older.CloseStatus);
    }

    private async Task AssertRefusedAsync(NodeProfile profile, string field)
    {
        var (socket, challenge) = await _node.HelloAsync();

        await TestNode.SendAsync(socket, _node.Prove(challenge) with { Profile = profile });

        var error = await TestNode.ReceiveErrorAsync(socket);
        Assert.Equal("invalid", error.Code);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }
}
