using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace PiGrid.Client.Engine;

/// <summary>
/// Connects a program within the operator's trust to the grid's grains. With the Orleans engine that is the silo's gateway on a loopback port.
/// </summary>
public static class GridClusterClient
{
    /// <summary>Adds an <see cref="Orleans.IClusterClient"/> of the silo on this machine to the host.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="dataFolder">Used by the embedded engine alone.</param>
    /// <param name="gatewayPort">The silo's gateway port (<c>Silo:GatewayPort</c>).</param>
    public static HostApplicationBuilder UseGridClient(this HostApplicationBuilder builder, string dataFolder, int gatewayPort = 30000)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseOrleansClient(client => client.UseLocalhostClustering(gatewayPort));
        return builder;
    }
}
