using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;

namespace PiGrid.Client.Engine;

/// <summary>
/// Connects a program within the operator's trust to the grid's grains. With the Orleans engine that is the silo's gateway on a loopback port, or the
/// gateways of all silos that the cluster's database names.
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

    /// <summary>
    /// Adds an <see cref="Orleans.IClusterClient"/> of a cluster to the host. It finds the silos in their database, and goes on at another when one is gone;
    /// a call that is under way then fails, and may be sent again.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="postgres">The silos' connection string (<c>Postgres:Connection</c>).</param>
    /// <param name="schema">The silos' <c>Postgres:Schema</c>.</param>
    /// <param name="cluster">The silos' <c>Cluster:Name</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="postgres"/> is no connection string.</exception>
    public static HostApplicationBuilder UseGridCluster(
        this HostApplicationBuilder builder, string postgres, string schema = "pigrid", string cluster = "pigrid")
    {
        ArgumentNullException.ThrowIfNull(builder);
        var connection = new NpgsqlConnectionStringBuilder(postgres) { SearchPath = schema, MaxPoolSize = 2, Timezone = "UTC" };
        builder.UseOrleansClient(client =>
        {
            client.UseAdoNetClustering(table => (table.Invariant, table.ConnectionString) = ("Npgsql", connection.ToString()));
            client.Configure<ClusterOptions>(names => (names.ClusterId, names.ServiceId) = (cluster, cluster));
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
        });
        return builder;
    }
}
