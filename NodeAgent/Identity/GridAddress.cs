using System.Net;

namespace PiGrid.NodeAgent.Identity;

/// <summary>Where the grid's front door is.</summary>
internal sealed class GridAddress
{
    private readonly Uri _base;

    private GridAddress(Uri address, bool isLoopback) => (_base, IsLoopback) = (address, isLoopback);

    /// <summary>Whether the grid is on this machine.</summary>
    public bool IsLoopback { get; }

    /// <summary>The WebSocket of nodes.</summary>
    public Uri Session => new UriBuilder(Under("node/session")) { Scheme = _base.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri;

    /// <summary>Where nodes enrol.</summary>
    public Uri Enrol => Under("node/enrol");

    /// <summary>Reads the address; plain HTTP is for this machine alone unless <paramref name="insecure"/>.</summary>
    /// <exception cref="AgentException">It is no address, or not a safe one.</exception>
    public static GridAddress Parse(string text, bool insecure)
    {
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            throw new AgentException(ExitCode.BadUsage, $"--grid: '{text}' is not an address such as https://grid.example.org.");
        }

        var loopback = uri.IsLoopback || (IPAddress.TryParse(uri.Host, out var ip) && IPAddress.IsLoopback(ip));
        if (uri.Scheme == Uri.UriSchemeHttp && !loopback && !insecure)
        {
            throw new AgentException(
                ExitCode.BadUsage, $"--grid: '{text}' is plain HTTP to another machine, so that anybody on the way could read and change the work. Use https://, or add --insecure in a network that you trust.");
        }

        return new(uri, loopback);
    }

    /// <summary>Where a blob is.</summary>
    public Uri Blob(Sha256 digest) => Under($"node/blobs/{digest}");

    /// <inheritdoc/>
    public override string ToString() => _base.ToString();

    private Uri Under(string path) => new(_base, path);
}
