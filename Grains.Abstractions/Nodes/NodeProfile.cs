namespace PiGrid;

/// <summary>What a node says of itself when it connects. Measured by the node; nothing here is trusted, only used to place work.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeProfile")]
public sealed record NodeProfile
{
    /// <summary>The agent's version.</summary>
    [Id(0)]
    public required string AgentVersion { get; init; }

    /// <summary>The operating system: <c>linux</c>, <c>windows</c> or <c>macos</c>.</summary>
    [Id(1)]
    public required string Os { get; init; }

    /// <summary>The processor architecture: <c>x64</c> or <c>arm64</c>.</summary>
    [Id(2)]
    public required string Architecture { get; init; }

    /// <summary>Nodes of one class give the same bits: architecture, instruction set, provider, library; such as <c>x64-avx512-cpu-1.30.0</c>.</summary>
    [Id(3)]
    public required string HardwareClass { get; init; }

    /// <summary>Processors that the node may use.</summary>
    [Id(4)]
    public required int Cores { get; init; }

    /// <summary>Memory that workers may use, in MiB.</summary>
    [Id(5)]
    public required int MemoryMib { get; init; }

    /// <summary>Replicas that it runs at once, at least 1.</summary>
    [Id(6)]
    public required int Slots { get; init; }

    /// <summary>Execution providers, tried with a tiny model at start; the first usable one is used.</summary>
    [Id(7)]
    public required IReadOnlyList<ProviderProbe> Providers { get; init; }

    /// <summary>The inference library, such as <c>onnxruntime 1.30.0</c>.</summary>
    [Id(8)]
    public required string Library { get; init; }

    /// <summary>Runs of the built-in benchmark in a second; more is faster.</summary>
    [Id(9)]
    public required double Speed { get; init; }

    /// <summary>The region that the volunteer declared; <c>unknown</c> when none.</summary>
    [Id(10)]
    public string Region { get; init; } = "unknown";

    /// <summary>The workload categories accepted; empty for all.</summary>
    [Id(11)]
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether it can commit to segments of a run, open them, and, as an operator node, plan and audit them.</summary>
    [Id(12)]
    public bool Segments { get; init; }

    /// <summary>Whether it takes blobs that follow an assignment as binary messages.</summary>
    [Id(13)]
    public bool Attachments { get; init; }

    /// <summary>What its owner asks for an hour of one slot, in micro-credits; 0 or more.</summary>
    [Id(14)]
    public Amount PricePerHour { get; init; }

    /// <summary>Online calls that it takes beyond its slots, which wait on it for the next free one; 0 for none.</summary>
    [Id(15)]
    public int CallsAhead { get; init; }
}

/// <summary>What trying one execution provider showed.</summary>
/// <param name="Name"><c>cpu</c>, <c>cuda</c>, <c>webgpu</c>, <c>directml</c> or <c>coreml</c>.</param>
/// <param name="Usable">Whether the tiny model ran on it.</param>
/// <param name="Reason">Why not.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ProviderProbe")]
public sealed record ProviderProbe([property: Id(0)] string Name, [property: Id(1)] bool Usable, [property: Id(2)] string? Reason);

/// <summary>How a node is right now; every few seconds. It ends in the node's grain and is never written.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeHeartbeat")]
public sealed record NodeHeartbeat
{
    /// <summary>Replicas that it can take now, by its preferences and its load.</summary>
    [Id(0)]
    public required int FreeSlots { get; init; }

    /// <summary>The machine's load: busy processors over all, 0 to 1.</summary>
    [Id(1)]
    public double Load { get; init; }

    /// <summary>The processor's temperature in degrees Celsius, where it can be read.</summary>
    [Id(2)]
    public double? TemperatureC { get; init; }

    /// <summary>Why the volunteer's preferences let no work in now; null when they do.</summary>
    [Id(3)]
    public string? PausedReason { get; init; }

    /// <summary>The models on disk; only when they changed since the last heartbeat of the session.</summary>
    [Id(4)]
    public IReadOnlyList<Sha256>? CachedModels { get; init; }

    /// <summary>The leases that it works on and how far it is with each; null when there are none, or from an older agent, whose leases are not renewed.</summary>
    [Id(5)]
    public IReadOnlyList<LeaseProgress>? Leases { get; init; }
}

/// <summary>How far the work on a lease is.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Done">Inputs done; it never shrinks.</param>
/// <param name="Fetched">Bytes of its blobs that are on the node's disk or on their way there; without those that came along with the assignment.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.LeaseProgress")]
public sealed record LeaseProgress([property: Id(0)] LeaseId Lease, [property: Id(1)] int Done, [property: Id(2)] long Fetched = 0);
