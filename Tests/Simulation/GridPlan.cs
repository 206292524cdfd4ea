using PiGrid.Grains.Jobs;
using PiGrid.Grains.Nodes;
using PiGrid.Grains.Scheduling;

namespace PiGrid.Tests.Simulation;

/// <summary>What a virtual grid consists of. With its seed it says everything about a run.</summary>
internal sealed record GridPlan
{
    /// <summary>The seed of everything random.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The nodes.</summary>
    public required IReadOnlyList<NodePlan> Machines { get; init; }

    /// <summary>The rules' own options.</summary>
    public JobOptions Jobs { get; init; } = new();

    /// <inheritdoc cref="Jobs"/>
    public NodeOptions Nodes { get; init; } = new();

    /// <inheritdoc cref="Jobs"/>
    public SchedulingOptions Scheduling { get; init; } = new();

    /// <summary>How long replicas take.</summary>
    public ServiceTimes Service { get; init; } = new();

    /// <summary>The shortest way between the silo and a node.</summary>
    public TimeSpan LinkMin { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest.</summary>
    public TimeSpan LinkMax { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>The time of a message between two grains.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromMilliseconds(0.1);

    /// <summary>The time of a durable write.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How many ends of shards the store remembers, for long runs; late results of older ones are never answered.</summary>
    public int EndsKept { get; init; } = int.MaxValue;

    /// <summary>What the network does to messages from the beginning.</summary>
    public Noise Noise { get; init; } = Noise.None;
}

/// <summary>One node.</summary>
internal sealed record NodePlan
{
    /// <summary>The number of its owner.</summary>
    public required int Owner { get; init; }

    /// <summary>Replicas at once.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>How many times longer than others it takes.</summary>
    public double Slowness { get; init; } = 1;

    /// <summary>Its hardware class.</summary>
    public string HardwareClass { get; init; } = "x64";

    /// <summary>When it is on.</summary>
    public AvailabilityClass Availability { get; init; }

    /// <summary>The share of its results that are wrong, each in a way of its own.</summary>
    public double Wrong { get; init; }

    /// <summary>The share of leases that it declines.</summary>
    public double Declines { get; init; }

    /// <summary>The share of leases that it fails.</summary>
    public double Fails { get; init; }

    /// <summary>The share of its results that cannot be read.</summary>
    public double Garbles { get; init; }

    /// <summary>The share of times of switching it off in which the machine sleeps: nobody is told, and it goes on where it was.</summary>
    public double Sleeps { get; init; }
}

/// <summary>What happens to single messages and writes.</summary>
/// <param name="CallLoss">The share of messages between grains that are lost.</param>
/// <param name="CallTwice">The share that come twice.</param>
/// <param name="CallDelay">The longest delay of a message between grains: later ones overtake it.</param>
/// <param name="LinkLoss">The share of messages between silo and nodes that are lost.</param>
/// <param name="LinkTwice">The share that come twice.</param>
/// <param name="LinkDelay">The longest delay of a message between silo and nodes, which keep their order.</param>
/// <param name="WriteFails">The share of durable writes that fail, as on a full disk.</param>
internal sealed record Noise(
    double CallLoss, double CallTwice, TimeSpan CallDelay, double LinkLoss, double LinkTwice, TimeSpan LinkDelay, double WriteFails)
{
    /// <summary>Nothing happens to them.</summary>
    public static Noise None { get; } = new(0, 0, TimeSpan.Zero, 0, 0, TimeSpan.Zero, 0);
}
