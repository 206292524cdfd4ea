using Orleans.Configuration;
using Orleans.Hosting;
using SiloOptions = PiGrid.Silo.Hosting.SiloOptions;

namespace PiGrid.Silo.Engine;

/// <summary>The official engine: one silo with its membership in memory, clients through a loopback port.</summary>
internal static class EngineWiring
{
    /// <summary>Adds the engine; its storage and reminder table are registered with the services.</summary>
    public static void AddEngine(WebApplicationBuilder builder, SiloOptions options) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort);
        silo.AddReminders();
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = options.CallTimeout);
    });
}
