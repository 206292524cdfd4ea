using System.Net.WebSockets;

namespace PiGrid.Tests.Silo;

public sealed class BrokenSocketTests
{
    [Fact]
    public async Task Send_WhenTheSocketIsAborted_IsABrokenSocket()
    {
        await using var silo = await TestSilo.StartAsync();
        await using var node = new TestNode(silo);
        var socket = await node.OpenAsync();
        socket.Abort();

        var error = await Assert.ThrowsAnyAsync<Exception>(() => socket.SendAsync(new byte[1], WebSocketMessageType.Text, endOfMessage: true, default));

        Assert.True(PiGrid.Silo.Gateway.BrokenSocket.Is(error), error.ToString());
        Assert.True(PiGrid.NodeAgent.Session.BrokenSocket.Is(error), error.ToString());
        Assert.False(PiGrid.Silo.Gateway.BrokenSocket.Is(new InvalidOperationException()));
    }
}
