using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using Orleans.Hosting;
using PiGrid.Grains.Storage.Postgres;
using PiGrid.Silo.Hosting;
using SiloOptions = PiGrid.Silo.Hosting.SiloOptions;

namespace PiGrid.Silo.Engine;

/// <summary>
/// The official engine: with PostgreSQL a silo of a cluster whose membership is kept there, otherwise one silo with its membership in memory, reached
/// through loopback ports.
/// </summary>
internal static class EngineWiring
{
    /// <summary>Adds the engine; its storage and reminder table are registered with the services.</summary>
    /// <exception cref="StartFailedException">The address for the other silos is not known.</exception>
    public static void AddEngine(WebApplicationBuilder builder, SiloOptions options, PostgresOptions postgres, ClusteringOptions cluster) => builder.UseOrleans(silo =>
    {
        silo.AddReminders();
        if (postgres.IsChosen)
        {
            AddCluster(silo, options, postgres, cluster);
        }
        else
        {
            silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort);
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = options.CallTimeout);
        }
    });

    private static void AddCluster(ISiloBuilder silo, SiloOptions options, PostgresOptions postgres, ClusteringOptions cluster)
    {
        var address = Resolve(cluster.Advertise);
        silo.UseAdoNetClustering(table =>
        {
            table.Invariant = "Npgsql";
            table.ConnectionString = postgres.MembershipConnection;
        });
        silo.Configure<ClusterOptions>(names => (names.ClusterId, names.ServiceId) = (cluster.Name, cluster.Name));
        silo.Configure<EndpointOptions>(endpoint =>
        {
            (endpoint.AdvertisedIPAddress, endpoint.SiloPort, endpoint.GatewayPort) = (address, options.SiloPort, options.GatewayPort);

            // On this address alone, not on all that the machine has.
            endpoint.SiloListeningEndpoint = new IPEndPoint(address, options.SiloPort);
            endpoint.GatewayListeningEndpoint = new IPEndPoint(address, options.GatewayPort);
        });
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = cluster.ProbeTimeout;
            membership.NumMissedProbesLimit = cluster.MissedProbesMax;
            membership.TableRefreshTimeout = cluster.TableRefresh;
            membership.IAmAliveTablePublishTimeout = cluster.AlivePeriod;
        });
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = cluster.CallTimeout);
        silo.Services.AddHostedService<SiloDepartures>();
    }

    private static IPAddress Resolve(string advertised)
    {
        try
        {
            return IPAddress.TryParse(advertised, out var address) ? address
                : Dns.GetHostAddresses(advertised).OrderBy(a => a.AddressFamily != AddressFamily.InterNetwork).First();
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            throw new StartFailedException(
                ExitCode.InvalidSettings, [$"Cluster:Advertise: the host name '{advertised}' has no address here ({e.Message}): name this machine as the other silos see it."], e);
        }
    }
}
