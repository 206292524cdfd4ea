using System.Net;
using System.Net.WebSockets;
using PiGrid.Protocol;

namespace PiGrid.Tests.Silo;

public sealed class SessionLimitTests
{
    [Fact]
    public async Task Session_WhenTheNodeIsSilent_IsClosed()
    {
        await using var silo = await TestSilo.StartAsync("--Nodes:Heartbeat=00:00:00.100", "--Nodes:HeartbeatsMissedMax=2");
        await using var node = await TestNode.EnrolledAsync(silo);
        var (socket, welcome) = await node.ConnectAsync();
        Assert.Equal(100, welcome.HeartbeatMs);

        Assert.Null(await TestNode.ReceiveAsync(socket));

        // The gateway and the node's grain both watch; whichever comes first says so.
        Assert.Matches("no (message|heartbeat)", socket.CloseStatusDescription);
    }

    [Fact]
    public async Task Handshake_WhenItTakesTooLong_IsEnded()
    {
        await using var silo = await TestSilo.StartAsync("--Gateway:HandshakeTimeout=00:00:00.200");
        await using var node = await TestNode.EnrolledAsync(silo);
        var socket = await node.OpenAsync();

        await Assert.ThrowsAsync<WebSocketException>(() => TestNode.ReceiveAsync(socket));
    }

    [Fact]
    public async Task Gateway_WhenThereIsNoRoom_RefusesTheSocket()
    {
        await using var silo = await TestSilo.StartAsync("--Gateway:SessionsMax=1");
        await using var first = await TestNode.EnrolledAsync(silo);
        await using var second = await TestNode.EnrolledAsync(silo);
        await first.ConnectAsync();

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => second.OpenAsync());

        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_WhenTheSiloStops_IsToldToGoElsewhere()
    {
        await using var silo = await TestSilo.StartAsync();
        await using var node = await TestNode.EnrolledAsync(silo);
        var (socket, _) = await node.ConnectAsync();

        var stopping = silo.StopAsync();

        Assert.Null(await TestNode.ReceiveAsync(socket));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        await stopping;
    }

    [Fact]
    public async Task Session_WhenTheSiloStartsAgain_IsOpenedAnew()
    {
        await using var silo = await TestSilo.StartAsync();
        EnrolResponse before;
        await using (var node = new TestNode(silo))
        {
            before = await node.EnrolAsync(silo.Bootstrap.EnrolmentToken!);
            await silo.StopAsync();
            await silo.StartAgainAsync();
            await using var again = new TestNode(silo, node.Key);
            var (_, welcome) = await again.ConnectAsync();
            Assert.NotEqual(Guid.Empty, welcome.Session);
            var after = await again.EnrolAsync(silo.Bootstrap.EnrolmentToken!);
            Assert.Equal((before.Node, before.Owner), (after.Node, after.Owner));
            Assert.Equal(before.GridKey, after.GridKey);
        }
    }

    [Fact]
    public async Task SessionRoute_WhenItIsNoWebSocket_SaysSo()
    {
        await using var silo = await TestSilo.StartAsync();

        using var response = await silo.Http.GetAsync("/node/session");

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }
}
