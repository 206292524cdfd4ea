using PiGrid.Protocol;

namespace PiGrid;

/// <summary>How a shard stands, for people who look at its job.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardView")]
public sealed record ShardView
{
    /// <summary>The shard's index.</summary>
    [Id(0)]
    public required int Index { get; init; }

    /// <summary>How far it is.</summary>
    [Id(1)]
    public required ShardStage Stage { get; init; }

    /// <summary>Replicas issued so far.</summary>
    [Id(2)]
    public int Issued { get; init; }

    /// <summary>Inputs that ended with an error.</summary>
    [Id(3)]
    public int InputsFailed { get; init; }

    /// <summary>When it was opened; null when that is not remembered.</summary>
    [Id(4)]
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>When it ended.</summary>
    [Id(5)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it waits or was given up.</summary>
    [Id(6)]
    public string? Reason { get; init; }

    /// <summary>Whether an operator node's result decided.</summary>
    [Id(7)]
    public bool Audited { get; init; }

    /// <summary>The time of the canonical result on its node in milliseconds, as the node says; null without one.</summary>
    [Id(8)]
    public double? NodeMs { get; init; }

    /// <summary>Its replicas, oldest first; of a shard that ended before the last start only those of its receipt.</summary>
    [Id(9)]
    public IReadOnlyList<ReplicaView> Replicas { get; init; } = [];
}

/// <summary>How a replica stands.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ReplicaView")]
public sealed record ReplicaView
{
    /// <summary>How far it is; null while no node has it.</summary>
    [Id(0)]
    public ReplicaState? State { get; init; }

    /// <summary>The node.</summary>
    [Id(1)]
    public NodeId? Node { get; init; }

    /// <summary>Who answers for the node.</summary>
    [Id(2)]
    public OwnerId? Owner { get; init; }

    /// <summary>The node's hardware class.</summary>
    [Id(3)]
    public string? HardwareClass { get; init; }

    /// <summary>The node's region.</summary>
    [Id(4)]
    public string Region { get; init; } = "unknown";

    /// <summary>Whether it was wanted against the slowness of others.</summary>
    [Id(5)]
    public bool Hedge { get; init; }

    /// <summary>Whether it is an operator node's, whose word decides.</summary>
    [Id(6)]
    public bool Audit { get; init; }

    /// <summary>When it was given to its node; null when that is not remembered.</summary>
    [Id(7)]
    public DateTimeOffset? GivenAt { get; init; }

    /// <summary>When its state was reached; null when that is not remembered.</summary>
    [Id(8)]
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>What became of its result.</summary>
    [Id(9)]
    public Verdict? Verdict { get; init; }

    /// <summary>The time on the node in milliseconds, as it says.</summary>
    [Id(10)]
    public double? NodeMs { get; init; }

    /// <summary>Why it ended.</summary>
    [Id(11)]
    public string? Reason { get; init; }
}

/// <summary>How far a shard is.</summary>
[GenerateSerializer, Alias("PiGrid.ShardStage")]
public enum ShardStage
{
    /// <summary>Its job has not come to it yet.</summary>
    Waiting,

    /// <summary>Open: wants results.</summary>
    Open,

    /// <summary>Has its canonical result.</summary>
    Accepted,

    /// <summary>Given up, by its own bounds or by its job.</summary>
    GivenUp,
}
