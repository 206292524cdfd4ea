using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using PiGrid.Protocol;

namespace PiGrid.Tests.Silo;

/// <summary>
/// Clients that hold connections by being slow: each loses its own, and nobody else waits for them. The limits are as short as the options allow.
/// </summary>
public sealed class SlowClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(50);

    private readonly LogLines _log = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync(
        services => services.AddSingleton(_log.ToProvider()),
        "--Logging:LogLevel:PiGrid.Silo.Gateway=Information",
        "--Http:HeadersTimeout=00:00:01",
        "--Http:IdleTimeout=00:00:01",
        "--Http:SlowGrace=00:00:02",
        "--Http:BytesPerSecondMin=1048576",
        "--Gateway:HandshakeTimeout=00:00:00.500",
        "--Gateway:SendTimeout=00:00:01",
        "--Gateway:SendQueueBytesMax=268435456",
        "--Nodes:Heartbeat=00:10:00");

    public async Task DisposeAsync()
    {
        using (var ready = await _silo.Http.GetAsync("/health/ready"))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }

        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Connection_OnWhichNothingIsSaid_IsClosed()
    {
        using var socket = await RawSocket.ConnectAsync(_silo);

        Assert.Equal("", await socket.ReadToEndAsync());
    }

    [Fact]
    public async Task Headers_SentOneByteAtATime_AreCutOff()
    {
        using var socket = await RawSocket.ConnectAsync(_silo);
        await socket.SendAsync("GET /health/ready HTTP/1.1\r\nHost: x\r\n");

        var dripping = socket.DripAsync("X-Slow: header\r\n", Drip);

        Assert.StartsWith("HTTP/1.1 408 ", await socket.ReadToEndAsync(), StringComparison.Ordinal);
        await dripping;
    }

    [Theory]
    [InlineData("POST /api/jobs", "application/json")]
    [InlineData("POST /api/blobs", "application/octet-stream")]
    [InlineData("POST /node/enrol", "application/json")]
    public async Task Body_SentOneByteAtATime_IsCutOff(string request, string type)
    {
        using var socket = await RawSocket.ConnectAsync(_silo);
        await socket.SendAsync(
            $"{request} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_silo.Bootstrap.OperatorKey}\r\nContent-Type: {type}\r\nContent-Length: 10000\r\n\r\n");

        var dripping = socket.DripAsync(" ", Drip);

        var answer = await socket.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("too slow", answer, StringComparison.Ordinal);
        await dripping;
    }

    [Fact]
    public async Task Answer_ThatIsNeverRead_IsGivenUp()
    {
        using var content = new ByteArrayContent(new byte[32 << 20]);
        using var put = await _silo.Http.PostAsync("/api/blobs", content);
        var blob = await put.Content.ReadFromJsonAsync<BlobRef>(GridJson.Wire);
        using var socket = await RawSocket.ConnectAsync(_silo);

        await socket.SendAsync($"GET /api/blobs/{blob!.Sha256} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_silo.Bootstrap.OperatorKey}\r\n\r\n");

        Assert.True(await socket.WaitForResetAsync(), "The silo still holds the connection.");
    }

    [Fact]
    public async Task Session_ThatIsNeverRead_IsCutOff()
    {
        await using var node = await TestNode.EnrolledAsync(_silo);
        await node.ConnectAsync();
        var grain = _silo.Grains.GetGrain<INodeGrain>(node.Id.Value);

        // 64 MB: more than all buffers on the way hold, and less than may wait at the silo, so that only its patience can end.
        for (var i = 0; i < 128; i++)
        {
            await grain.Verdict(NewId.Lease(), Verdict.TooLate, new string('x', 500_000));
        }

        // Whoever notices first: the session, or the server below it.
        await _log.WaitAsync($"Session of {node.Id} ended");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await grain.GetStatus())!.State != NodeState.Offline)
        {
            // The session tells the grain right after it has said so.
            await Task.Delay(10, limit.Token);
        }
    }

    [Fact]
    public async Task WebSocket_OnWhichNothingIsSaid_IsClosed()
    {
        await using var node = await TestNode.EnrolledAsync(_silo);
        var socket = await node.OpenAsync();

        await Assert.ThrowsAsync<WebSocketException>(() => TestNode.ReceiveAsync(socket));
    }
}
