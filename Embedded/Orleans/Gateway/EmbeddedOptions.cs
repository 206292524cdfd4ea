namespace Orleans.Embedded;

/// <summary>Where an embedded silo lives.</summary>
public sealed class EmbeddedOptions
{
    /// <summary>The folder that this silo alone may use, and where clients find its gateway. Required.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>The gateway's socket; null for <c>gateway.sock</c> in the data folder, or a short path elsewhere where that is too long.</summary>
    public string? GatewayPath { get; set; }

    /// <summary>False: no client in another process can connect.</summary>
    public bool EnableGateway { get; set; } = true;
}
