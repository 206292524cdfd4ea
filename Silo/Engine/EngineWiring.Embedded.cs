using Orleans.Configuration;
using Orleans.Embedded;
using Orleans.Hosting;
using PiGrid.Grains.Storage.Postgres;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Engine;

/// <summary>The embedded engine: one silo, clients through a socket in the data folder.</summary>
internal static class EngineWiring
{
    /// <summary>Adds the engine; its storage and reminder table are registered with the services.</summary>
    public static void AddEngine(WebApplicationBuilder builder, SiloOptions options, PostgresOptions postgres, ClusteringOptions cluster) => builder.UseOrleans(silo =>
    {
        silo.UseEmbedded(embedded => embedded.DataFolder = Path.GetFullPath(options.Data));
        silo.AddReminders();
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = options.CallTimeout);
    });
}
