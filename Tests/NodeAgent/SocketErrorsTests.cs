using System.Net.Sockets;
using PiGrid.NodeAgent.Session;

namespace PiGrid.Tests.NodeAgent;

public sealed class SocketErrorsTests
{
    [Fact]
    public async Task Request_WhenTheSocketFails_FailsAsRequestsDo()
    {
        using var http = new HttpClient(new SocketErrors(new Failing()));

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("http://grid.test/")));

        Assert.IsType<SocketException>(error.InnerException);
    }

    private sealed class Failing : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new SocketException((int)SocketError.NotConnected);
    }
}
