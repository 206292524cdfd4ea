using System.Net.Sockets;

namespace PiGrid.NodeAgent.Session;

/// <summary>
/// Makes a socket's own exception the one that all callers expect of a request: the platform's client lets it through when a connection ends
/// while it is being opened.
/// </summary>
internal sealed class SocketErrors(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new HttpRequestException(e.Message, e);
        }
    }
}
