using System.Net;

namespace Orleans.Runtime;

/// <summary>The identity of one activation of a grain: new each time that the grain is activated.</summary>
[Immutable]
public readonly record struct ActivationId(Guid Key)
{
    /// <summary>A fresh identity.</summary>
    public static ActivationId NewId() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public override string ToString() => $"@{Key:N}";
}

/// <summary>The name of a grain interface: its alias, or its full name.</summary>
[Immutable]
public readonly record struct GrainInterfaceType(IdSpan Value)
{
    /// <summary>An interface type from its name.</summary>
    public static GrainInterfaceType Create(string value) => new(IdSpan.Create(value));

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>A silo's address. The embedded engine has one silo, which listens on no network.</summary>
[Immutable]
public sealed record SiloAddress(IPEndPoint Endpoint, int Generation)
{
    /// <summary>The address of nobody.</summary>
    public static SiloAddress Zero { get; } = New(new IPEndPoint(IPAddress.Any, 0), 0);

    /// <summary>An address from its parts.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <summary>"address:port@generation", as in Orleans.</summary>
    public string ToParsableString() => $"{Endpoint.Address}:{Endpoint.Port}@{Generation}";

    /// <inheritdoc/>
    public override string ToString() => $"S{Endpoint.Address}:{Endpoint.Port}:{Generation}";
}
