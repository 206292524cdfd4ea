using System.Net;

namespace PiGrid.Silo.Hosting;

/// <summary>Which addresses a silo may listen on.</summary>
internal static class AddressRules
{
    /// <summary>What is wrong with the addresses: malformed ones, and plain HTTP that others can reach, unless that is allowed.</summary>
    public static IEnumerable<string> Check(IEnumerable<string> urls, bool insecure)
    {
        foreach (var url in urls)
        {
            if (TryParse(url) is not { } address || address.Scheme is not ("http" or "https"))
            {
                yield return $"'{url}' is not an address to listen on: write http://127.0.0.1:8470 or https://HOST:PORT.";
            }
            else if (address.Scheme == "http" && !insecure && !IsLoopback(address.Host))
            {
                yield return $"'{url}' is plain HTTP that others can reach, so that keys and tokens would travel readably: use https with a certificate "
                    + "(Kestrel:Certificates:Default:Path), listen on 127.0.0.1 behind a proxy that ends TLS, or give --insecure.";
            }
        }
    }

    // Kestrel's wildcards are no hosts to a URI.
    private static Uri? TryParse(string url) => Uri.TryCreate(
        url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var address)
        ? address
        : null;

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
