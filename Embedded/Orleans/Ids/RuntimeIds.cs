namespace Orleans.Runtime;

/// <summary>The identity of one activation of a grain: new each time that the grain is activated.</summary>
public readonly record struct ActivationId(Guid Key)
{
    public static ActivationId NewId() => new(Guid.NewGuid());

    public override string ToString() => $"@{Key:N}";
}

/// <summary>A silo's address. The embedded engine has one silo, which listens on no network.</summary>
public sealed record SiloAddress(IPEndPoint Endpoint, int Generation)
{
    public static SiloAddress Zero { get; } = New(new(IPAddress.Any, 0), 0);

    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    public string ToParsableString() => $"{Endpoint}@{Generation}";
}
