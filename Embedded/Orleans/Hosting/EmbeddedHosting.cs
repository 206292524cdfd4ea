using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace Orleans.Embedded;

/// <summary>What only the embedded engine has; used by the wiring files alone.</summary>
public static class EmbeddedHosting
{
    /// <summary>Binds the silo to a data folder, which it locks and opens a gateway in.</summary>
    public static ISiloBuilder UseEmbedded(this ISiloBuilder builder, Action<EmbeddedOptions> configure)
    {
        builder.Services.Configure(configure);
        builder.Services.AddSingleton<GatewayServer>();
        builder.Services.AddSingleton<ISiloPart>(provider => provider.GetRequiredService<GatewayServer>());
        return builder;
    }

    /// <summary>Connects the client to the silo that runs on a data folder.</summary>
    public static IClientBuilder UseEmbeddedGateway(this IClientBuilder builder, string dataFolder)
    {
        builder.Services.Configure<GatewayClientOptions>(options => options.DataFolder = Path.GetFullPath(dataFolder));
        return builder;
    }
}
