using PiGrid.Verification;

namespace PiGrid;

/// <summary>A shard: asks for replicas, compares results, decides. The key is its <see cref="ShardId"/>.</summary>
[Alias("PiGrid.IShardGrain")]
public interface IShardGrain : IGrainWithStringKey, IReplicaWatcher
{
    /// <summary>From the job: opens the shard, or reports again that it is closed. Idempotent.</summary>
    [Alias("Open")]
    Task Open(ShardSpec spec);

    /// <summary>From the job: gives the shard up; replicas that run are cancelled. Idempotent.</summary>
    [Alias("Abandon")]
    Task Abandon(string reason);

    /// <summary>From the job: few shards are left, so replicas that take longer than usual are hedged earlier. Idempotent.</summary>
    [OneWay, Alias("Hurry")]
    Task Hurry();

    /// <summary>From the job: its result is to be checked further than it was, or no longer rests on whom it did. Idempotent.</summary>
    [OneWay, Alias("Check")]
    Task Check(ShardCheck check);

    /// <summary>From its job, once that has ended: deletes what is stored of the shard. Idempotent.</summary>
    [Alias("Delete")]
    Task Delete();

    /// <summary>How the shard ended; null while it never did. What is being checked again is told as it was.</summary>
    [Alias("GetOutcome")]
    Task<ShardOutcome?> GetOutcome();

    /// <summary>The canonical result; null while the shard is open or was given up.</summary>
    [Alias("GetResult")]
    Task<ShardResult?> GetResult();

    /// <summary>How it stands, with its replicas.</summary>
    [Alias("GetView")]
    Task<ShardView> GetView();
}

/// <summary>What became of one replica, told by its node's grain.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ReplicaChange")]
public sealed record ReplicaChange
{
    /// <summary>The dispatcher request that it answers.</summary>
    [Id(0)]
    public required Guid Request { get; init; }

    /// <summary>The lease.</summary>
    [Id(1)]
    public required LeaseId Lease { get; init; }

    /// <summary>The node.</summary>
    [Id(2)]
    public required NodeId Node { get; init; }

    /// <summary>Who answers for the node.</summary>
    [Id(3)]
    public required OwnerId Owner { get; init; }

    /// <summary>The node's hardware class.</summary>
    [Id(4)]
    public required string HardwareClass { get; init; }

    /// <summary>The state reached.</summary>
    [Id(5)]
    public required ReplicaState State { get; init; }

    /// <summary>When the lease ends.</summary>
    [Id(6)]
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When it happened.</summary>
    [Id(7)]
    public required DateTimeOffset At { get; init; }

    /// <summary>Why, for states that end a replica.</summary>
    [Id(8)]
    public string? Reason { get; init; }

    /// <summary>How long replicas of this kind take; with <see cref="ReplicaState.Assigned"/> only, and null while too few are known.</summary>
    [Id(9)]
    public ReplicaPace? Pace { get; init; }

    /// <summary>Whether the node is an operator node.</summary>
    [Id(10)]
    public bool Operator { get; init; }

    /// <summary>The node's region, as it declares it.</summary>
    [Id(11)]
    public string Region { get; init; } = "unknown";

    /// <summary>What the lease is for where that is no replica: <see cref="Protocol.Lease.Kind"/>.</summary>
    [Id(12)]
    public WorkKind? Kind { get; init; }
}

/// <summary>How long replicas of one kind (a model's shards of about one size) take, from assignment to result.</summary>
/// <param name="Typical">The median.</param>
/// <param name="Slow">The 95th percentile: one that takes longer is hedged.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ReplicaPace")]
public sealed record ReplicaPace([property: Id(0)] TimeSpan Typical, [property: Id(1)] TimeSpan Slow);

/// <summary>The states of a replica.</summary>
[GenerateSerializer, Alias("PiGrid.ReplicaState")]
public enum ReplicaState
{
    /// <summary>A lease was pushed to a node.</summary>
    Assigned,

    /// <summary>The node acknowledged it and works on it.</summary>
    Accepted,

    /// <summary>The node's connection is gone; the lease is valid to its deadline and its result still counts.</summary>
    Disconnected,

    /// <summary>A result is in.</summary>
    Returned,

    /// <summary>The node refused the lease.</summary>
    Declined,

    /// <summary>The node reported that it could not run the work.</summary>
    Failed,

    /// <summary>The lease's deadline passed.</summary>
    Expired,

    /// <summary>The grid took the lease back.</summary>
    Cancelled,

    /// <summary>The node has been silent for longer than it usually is; the lease is valid, but another replica is wanted at once.</summary>
    Suspected,
}

/// <summary>How a shard ended, for its job.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardOutcome")]
public sealed record ShardOutcome
{
    /// <summary>The shard's index.</summary>
    [Id(0)]
    public required int Index { get; init; }

    /// <summary>Whether it has a canonical result.</summary>
    [Id(1)]
    public required bool Accepted { get; init; }

    /// <summary>How many of its inputs ended with an error.</summary>
    [Id(2)]
    public required int InputsFailed { get; init; }

    /// <summary>Replicas issued for it.</summary>
    [Id(3)]
    public required int Replicas { get; init; }

    /// <summary>Why it was given up.</summary>
    [Id(4)]
    public string? Error { get; init; }

    /// <summary>When it closed.</summary>
    [Id(5)]
    public required DateTimeOffset At { get; init; }

    /// <summary>The volunteers whose results agreed with the canonical one, in order of arrival.</summary>
    [Id(6)]
    public IReadOnlyList<ShardWitness> Witnesses { get; init; } = [];

    /// <summary>Whether an operator node's result decided.</summary>
    [Id(7)]
    public bool Audited { get; init; }

    /// <summary>Volunteers whose results an operator node confirmed or contradicted.</summary>
    [Id(8)]
    public IReadOnlyList<ShardJudgement> Judged { get; init; } = [];

    /// <summary>Whether the shard had ended before, with another output; told once.</summary>
    [Id(9)]
    public bool Changed { get; init; }
}

/// <summary>A volunteer on whom a shard's result rests.</summary>
/// <param name="Node">The node.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Passed">Checks that it had passed when its result came.</param>
/// <param name="AskedAt">The number of the shard's step in which its replica was asked for; 0 when that is not known.</param>
/// <param name="ReturnedAt">The number of the shard's step in which its result came.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardWitness")]
public sealed record ShardWitness(
    [property: Id(0)] NodeId Node, [property: Id(1)] OwnerId Owner, [property: Id(2)] int Passed, [property: Id(3)] long AskedAt, [property: Id(4)] long ReturnedAt);

/// <summary>What an operator node's result said of a volunteer's.</summary>
/// <param name="Node">The node.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Passed">Checks that it had passed when its result came.</param>
/// <param name="Wrong">Whether the result was contradicted; else it was confirmed.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardJudgement")]
public sealed record ShardJudgement([property: Id(0)] NodeId Node, [property: Id(1)] OwnerId Owner, [property: Id(2)] int Passed, [property: Id(3)] bool Wrong);

/// <summary>What a job wants to know more of a shard's result.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardCheck")]
public sealed record ShardCheck
{
    /// <summary>How many distinct owners have to agree.</summary>
    [Id(0)]
    public int Agreeing { get; init; } = 1;

    /// <summary>Whether an operator node is to repeat it.</summary>
    [Id(1)]
    public bool Audit { get; init; }

    /// <summary>Whether an operator node is there now; see <see cref="ShardSpec.Audits"/>.</summary>
    [Id(3)]
    public bool Audits { get; init; }

    /// <summary>Owners that were found to lie: their results count for nothing any more.</summary>
    [Id(2)]
    public IReadOnlyList<OwnerId> Distrusted { get; init; } = [];

    /// <summary>Of an audit: whether it is to say something of the node and need not be certain of this very result, so that a part of the run may do.</summary>
    [Id(4)]
    public bool Spot { get; init; }
}

/// <summary>A shard's canonical result.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardResult")]
public sealed record ShardResult
{
    /// <summary>The output; one item per input.</summary>
    [Id(0)]
    public required ShardOutput Output { get; init; }

    /// <summary>Who computed it and who agreed.</summary>
    [Id(1)]
    public required Receipt Receipt { get; init; }

    /// <summary>Replicas issued for the shard.</summary>
    [Id(2)]
    public required int Replicas { get; init; }

    /// <summary>How the shard ended.</summary>
    [Id(3)]
    public required ShardOutcome Outcome { get; init; }
}
