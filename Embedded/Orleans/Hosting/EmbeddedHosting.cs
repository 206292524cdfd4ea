namespace Orleans.Embedded;

/// <summary>Where an embedded silo lives.</summary>
public sealed class EmbeddedOptions {
    /// <summary>The folder that this silo alone may use, and where clients find its gateway. Required.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>The gateway's socket; null for one in the data folder, or a short path elsewhere where that is too long.</summary>
    public string? GatewayPath { get; set; }

    public bool EnableGateway { get; set; } = true;
}

/// <summary>What only the embedded engine has; used by the wiring files alone.</summary>
public static class EmbeddedHosting {
    /// <summary>Binds the silo to a data folder, which it locks and opens a gateway in.</summary>
    public static ISiloBuilder UseEmbedded(this ISiloBuilder builder, Action<EmbeddedOptions> configure) {
        builder.Services.Configure(configure).AddSingleton<ISiloPart, GatewayServer>();
        return builder;
    }

    /// <summary>Connects the client to the silo that runs on a data folder.</summary>
    public static IClientBuilder UseEmbeddedGateway(this IClientBuilder builder, string dataFolder) =>
        builder.Configure<EmbeddedOptions>(options => options.DataFolder = Path.GetFullPath(dataFolder));
}
