namespace PiGrid;

/// <summary>Where a job stands.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobStatus")]
public sealed record JobStatus
{
    /// <summary>The job.</summary>
    [Id(0)]
    public required JobId Id { get; init; }

    /// <summary>Its state.</summary>
    [Id(1)]
    public required JobState State { get; init; }

    /// <summary>The model version.</summary>
    [Id(2)]
    public required ModelRef Model { get; init; }

    /// <summary>The policy in force.</summary>
    [Id(3)]
    public required VerificationPolicy Policy { get; init; }

    /// <summary>The name for people.</summary>
    [Id(4)]
    public string? Name { get; init; }

    /// <summary>When it became durable.</summary>
    [Id(5)]
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When it reached a terminal state.</summary>
    [Id(6)]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Its deadline.</summary>
    [Id(7)]
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How many inputs it has.</summary>
    [Id(8)]
    public int Inputs { get; init; }

    /// <summary>How many of the inputs ended with an error so far.</summary>
    [Id(9)]
    public int InputsFailed { get; init; }

    /// <summary>How many shards it has.</summary>
    [Id(10)]
    public int Shards { get; init; }

    /// <summary>How many have a canonical result.</summary>
    [Id(11)]
    public int ShardsAccepted { get; init; }

    /// <summary>How many were given up.</summary>
    [Id(12)]
    public int ShardsFailed { get; init; }

    /// <summary>Replicas issued so far, of closed shards.</summary>
    [Id(13)]
    public int ReplicasIssued { get; init; }

    /// <summary>Why the job waits, what would let it run; null when it does not wait.</summary>
    [Id(14)]
    public string? QueueReason { get; init; }

    /// <summary>Why it failed or was cancelled.</summary>
    [Id(15)]
    public string? Error { get; init; }

    /// <summary>The job whose failed inputs this one runs again.</summary>
    [Id(16)]
    public JobId? RetryOf { get; init; }

    /// <summary>Its priority among its requester's jobs.</summary>
    [Id(17)]
    public JobPriority Priority { get; init; }

    /// <summary>Accepted shards of an adaptive job that are being checked further.</summary>
    [Id(18)]
    public int ShardsChecking { get; init; }

    /// <summary>The share of an adaptive job's results that is expected to be wrong, at most, when it was delivered; null before, and for other policies.</summary>
    [Id(19)]
    public double? ExpectedWrong { get; init; }

    /// <summary>Shards whose delivered result was found to be wrong afterwards, and replaced; see the option <c>Trust:RecheckDelivered</c>.</summary>
    [Id(20)]
    public int ShardsCorrected { get; init; }

    /// <summary>When what waits can be expected to begin; null when nothing waits, or when that cannot be said: no node fits, or nothing is known of the model's pace.</summary>
    [Id(21)]
    public DateTimeOffset? ExpectedStart { get; init; }

    /// <summary>Which nodes may have it; any when absent.</summary>
    [Id(22)]
    public PlacementTerms? Placement { get; init; }

    /// <summary>Whether the state is terminal; terminal states stay.</summary>
    public bool IsTerminal => State is JobState.Completed or JobState.Failed or JobState.Cancelled;
}

/// <summary>The states of a job. <see cref="Completed"/>, <see cref="Failed"/> and <see cref="Cancelled"/> are terminal.</summary>
[GenerateSerializer, Alias("PiGrid.JobState")]
public enum JobState
{
    /// <summary>Accepted, with shards open.</summary>
    Running,

    /// <summary>Every shard is closed; single inputs may have failed.</summary>
    Completed,

    /// <summary>Over without results for every shard: its deadline passed, or no shard could be run.</summary>
    Failed,

    /// <summary>Cancelled by its requester or the operator.</summary>
    Cancelled,
}
