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

    /// <summary>Adds a client of a cluster, with the engine Orleans; the embedded engine is one silo.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="postgres">Used by the Orleans engine alone.</param>
    /// <param name="schema">Used by the Orleans engine alone.</param>
    /// <param name="cluster">Used by the Orleans engine alone.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public static HostApplicationBuilder UseGridCluster(
        this HostApplicationBuilder builder, string postgres, string schema = "pigrid", string cluster = "pigrid") =>
        throw new NotSupportedException("UseGridCluster: the embedded engine is one silo, so there is no cluster to connect to; build with the engine Orleans, or use UseGridClient.");
}
