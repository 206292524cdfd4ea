namespace Orleans.Runtime;

/// <summary>The identity of one activation of a grain: new each time that the grain is activated.</summary>
[Immutable]
public readonly record struct ActivationId(Guid Key)
{
    public static ActivationId NewId() => new(Guid.NewGuid());

    public override string ToString() => $"@{Key:N}";
}

/// <summary>The name of a grain interface: its alias, or its full name.</summary>
[Immutable]
public readonly record struct GrainInterfaceType(IdSpan Value)
{
    public static GrainInterfaceType Create(string value) => new(IdSpan.Create(value));

    public override string ToString() => Value.ToString();
}

/// <summary>A silo's address. The embedded engine has one silo, which listens on no network.</summary>
[Immutable]
public sealed record SiloAddress(IPEndPoint Endpoint, int Generation)
{
    public static SiloAddress Zero { get; } = New(new IPEndPoint(IPAddress.Any, 0), 0);

    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    public string ToParsableString() => $"{Endpoint.Address}:{Endpoint.Port}@{Generation}";

    public override string ToString() => $"S{Endpoint.Address}:{Endpoint.Port}:{Generation}";
}
