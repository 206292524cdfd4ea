using Orleans;

namespace PiGrid.Grains.Nodes;

/// <summary>
/// When a node was connected, by hour of the week (UTC, Monday 0 h first; 168 hours). Old weeks fade. Durable, in a row of its own: it is written
/// at most a few times an hour, unlike its counts.
/// </summary>
[GenerateSerializer, Alias("PiGrid.NodeHistory")]
internal sealed record NodeHistory
{
    /// <summary>Hours that it was looked at, connected or not; empty before the first look.</summary>
    [Id(0)]
    public float[] Known { get; init; } = [];

    /// <summary>Hours of these that it was connected.</summary>
    [Id(1)]
    public float[] Connected { get; init; } = [];

    /// <summary>How often it dropped out.</summary>
    [Id(2)]
    public float[] Drops { get; init; } = [];

    /// <summary>Until when it was looked at; null before the first look.</summary>
    [Id(3)]
    public DateTimeOffset? Until { get; init; }

    /// <summary>Its reputation day by day, oldest first.</summary>
    [Id(4)]
    public IReadOnlyList<ReputationDay> Days { get; init; } = [];
}
