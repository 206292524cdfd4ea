namespace PiGrid;

/// <summary>How a node stands, for operators.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeStatus")]
public sealed record NodeStatus
{
    /// <summary>The node.</summary>
    [Id(0)]
    public required NodeId Id { get; init; }

    /// <summary>Who answers for it.</summary>
    [Id(1)]
    public required OwnerId Owner { get; init; }

    /// <summary>The owner's name for people.</summary>
    [Id(2)]
    public required string OwnerName { get; init; }

    /// <summary>Whether it belongs to the operator.</summary>
    [Id(3)]
    public required bool Operator { get; init; }

    /// <summary>Its state.</summary>
    [Id(4)]
    public required NodeState State { get; init; }

    /// <summary>Why it takes no work now: drained, paused by its preferences, banned.</summary>
    [Id(5)]
    public string? Reason { get; init; }

    /// <summary>When it enrolled.</summary>
    [Id(6)]
    public required DateTimeOffset EnrolledAt { get; init; }

    /// <summary>When it was last heard of; null when never since the silo started.</summary>
    [Id(7)]
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>What it says of itself; null when it never connected since the silo started.</summary>
    [Id(8)]
    public NodeProfile? Profile { get; init; }

    /// <summary>Its newest heartbeat.</summary>
    [Id(9)]
    public NodeHeartbeat? Heartbeat { get; init; }

    /// <summary>The leases that it holds.</summary>
    [Id(10)]
    public IReadOnlyList<LeaseId> Leases { get; init; } = [];

    /// <summary>What became of its replicas.</summary>
    [Id(11)]
    public NodeTally Tally { get; init; } = new();

    /// <summary>
    /// For each hour of the week (UTC, Monday 0 h first; 168) the share of the time that it was connected, of late; -1 for hours of which nothing is
    /// known; empty when nothing is.
    /// </summary>
    [Id(12)]
    public IReadOnlyList<double> Availability { get; init; } = [];

    /// <summary>How probable it is that it stays connected for another hour; null when it is not connected.</summary>
    [Id(13)]
    public double? StaysAnHour { get; init; }

    /// <summary>How long it takes for one input of the models that it ran lately, the latest first.</summary>
    [Id(14)]
    public IReadOnlyList<NodePace> Paces { get; init; } = [];

    /// <summary>Whether it has the exact bytes of the models that it used since the silo started.</summary>
    [Id(15)]
    public IReadOnlyList<ModelProof> ModelProofs { get; init; } = [];

    /// <summary>How far it is believed, and why; null for an operator node, which is believed.</summary>
    [Id(16)]
    public NodeReputation? Reputation { get; init; }

    /// <summary>What it works on, by the leases that it holds, the oldest first.</summary>
    [Id(17)]
    public IReadOnlyList<NodeLease> Work { get; init; } = [];

    /// <summary>Its reputation day by day, the last 90 days on which something was known of it.</summary>
    [Id(18)]
    public IReadOnlyList<ReputationDay> ReputationDays { get; init; } = [];
}

/// <summary>A lease that a node holds.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeLease")]
public sealed record NodeLease
{
    /// <summary>The lease.</summary>
    [Id(0)]
    public required LeaseId Lease { get; init; }

    /// <summary>The shard.</summary>
    [Id(1)]
    public required ShardId Shard { get; init; }

    /// <summary>How far it is.</summary>
    [Id(2)]
    public required ReplicaState State { get; init; }

    /// <summary>When it reached that state.</summary>
    [Id(3)]
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it ends.</summary>
    [Id(4)]
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>The model; null when the lease is from before a restart.</summary>
    [Id(5)]
    public ModelRef? Model { get; init; }

    /// <summary>Inputs done, as the node says.</summary>
    [Id(6)]
    public int Done { get; init; }

    /// <summary>Inputs in all; null when the lease is from before a restart.</summary>
    [Id(7)]
    public int? Inputs { get; init; }
}

/// <summary>What is known of a node's possession of a model's exact bytes.</summary>
/// <param name="Model">The digest of the model's file.</param>
/// <param name="State">What is known.</param>
/// <param name="At">Since when.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ModelProof")]
public sealed record ModelProof([property: Id(0)] Sha256 Model, [property: Id(1)] ModelProofState State, [property: Id(2)] DateTimeOffset At);

/// <summary>Whether a node has a model's exact bytes.</summary>
[GenerateSerializer, Alias("PiGrid.ModelProofState")]
public enum ModelProofState
{
    /// <summary>It used the model and was not asked yet.</summary>
    Unasked,

    /// <summary>It was challenged and has not answered.</summary>
    Asked,

    /// <summary>It proved it.</summary>
    Proven,

    /// <summary>It answered wrongly: it gets no work with the model in this session.</summary>
    Refuted,

    /// <summary>It could not be found out: the node, or the grid, does not have the model any more.</summary>
    Unknown,
}

/// <summary>How fast a node is with a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="InputMs">The time for one input, from assignment to result, newer ones weighted more; in milliseconds.</param>
/// <param name="Replicas">How many replicas it rests on.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.NodePace")]
public sealed record NodePace([property: Id(0)] ModelRef Model, [property: Id(1)] double InputMs, [property: Id(2)] int Replicas);

/// <summary>What became of a node's replicas. An error, a timeout and a wrong answer are three different things.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeTally")]
public sealed record NodeTally
{
    /// <summary>Results that agreed with the canonical one.</summary>
    [Id(0)]
    public long Accepted { get; init; }

    /// <summary>Results that contradicted the canonical one.</summary>
    [Id(1)]
    public long Wrong { get; init; }

    /// <summary>Results that were malformed or signed wrongly.</summary>
    [Id(2)]
    public long Invalid { get; init; }

    /// <summary>Leases that the node gave back as failed.</summary>
    [Id(3)]
    public long Failed { get; init; }

    /// <summary>Leases that ended without a word.</summary>
    [Id(4)]
    public long Expired { get; init; }
}

/// <summary>The states of a node.</summary>
[GenerateSerializer, Alias("PiGrid.NodeState")]
public enum NodeState
{
    /// <summary>No session.</summary>
    Offline,

    /// <summary>Connected and taking work.</summary>
    Online,

    /// <summary>Connected, but its owner's preferences let no work in now.</summary>
    Paused,

    /// <summary>Connected, finishing what it holds, taking nothing new.</summary>
    Draining,

    /// <summary>Its owner is banned.</summary>
    Banned,

    /// <summary>Gets no work for some time, because of a wrong result or too many failures.</summary>
    Suspended,
}
