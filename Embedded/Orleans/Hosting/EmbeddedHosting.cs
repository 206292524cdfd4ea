namespace Orleans.Embedded;

/// <summary>What only the embedded engine has; used by the wiring files alone.</summary>
public static class EmbeddedHosting
{
    public static ISiloBuilder UseEmbedded(this ISiloBuilder builder, Action<EmbeddedOptions> configure)
    {
        builder.Services.Configure(configure);
        builder.Services.AddSingleton<GatewayServer>();
        builder.Services.AddSingleton<ISiloPart>(provider => provider.GetRequiredService<GatewayServer>());
        return builder;
    }

    public static IClientBuilder UseEmbeddedGateway(this IClientBuilder builder, string dataFolder)
    {
        builder.Services.Configure<GatewayClientOptions>(options => options.DataFolder = Path.GetFullPath(dataFolder));
        return builder;
    }
}
