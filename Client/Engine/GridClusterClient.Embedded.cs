using Microsoft.Extensions.Hosting;
using Orleans.Embedded;

namespace PiGrid.Client.Engine;

/// <summary>
/// Connects a program within the operator's trust to the grid's grains. With the embedded engine that is a socket in the silo's data folder,
/// which only the silo's own user can open.
/// </summary>
public static class GridClusterClient
{
    /// <summary>Adds an <see cref="Orleans.IClusterClient"/> of the silo on this machine to the host.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="dataFolder">The silo's data folder.</param>
    /// <param name="gatewayPort">Used by the Orleans engine alone.</param>
    public static HostApplicationBuilder UseGridClient(this HostApplicationBuilder builder, string dataFolder, int gatewayPort = 30000)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseOrleansClient(client => client.UseEmbeddedGateway(dataFolder));
        return builder;
    }
}
