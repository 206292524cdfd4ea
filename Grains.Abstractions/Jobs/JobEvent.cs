namespace PiGrid;

/// <summary>Something that happened to a job, for those who watch it. Instants are the silo's.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobEvent")]
public sealed record JobEvent
{
    /// <summary>Its place in the job's history since the job's grain was activated, from 1.</summary>
    [Id(0)]
    public long Sequence { get; init; }

    /// <summary>When.</summary>
    [Id(1)]
    public required DateTimeOffset At { get; init; }

    /// <summary>What.</summary>
    [Id(2)]
    public required JobEventKind Kind { get; init; }

    /// <summary>The shard, by index.</summary>
    [Id(3)]
    public int? Shard { get; init; }

    /// <summary>The node.</summary>
    [Id(4)]
    public NodeId? Node { get; init; }

    /// <summary>The lease.</summary>
    [Id(5)]
    public LeaseId? Lease { get; init; }

    /// <summary>More for people: a reason, a state.</summary>
    [Id(6)]
    public string? Detail { get; init; }
}

/// <summary>The kinds of job events.</summary>
[GenerateSerializer, Alias("PiGrid.JobEventKind")]
public enum JobEventKind
{
    /// <summary>The job is durable.</summary>
    JobAccepted,

    /// <summary>A replica was given to a node.</summary>
    ReplicaAssigned,

    /// <summary>A node said that it starts a replica: its acknowledgement.</summary>
    ReplicaAccepted,

    /// <summary>A result came back.</summary>
    ReplicaReturned,

    /// <summary>A replica ended without a result: declined, failed, lost or expired.</summary>
    ReplicaEnded,

    /// <summary>A shard has its canonical result.</summary>
    ShardAccepted,

    /// <summary>A shard was given up.</summary>
    ShardFailed,

    /// <summary>The job waits; the detail says why.</summary>
    JobQueued,

    /// <summary>The job reached a terminal state.</summary>
    JobFinished,

    /// <summary>An adaptive job has all its results and checks some of them further before it is delivered; the detail says how many.</summary>
    JobChecking,
}
