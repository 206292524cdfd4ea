using Orleans;
namespace PiGrid.Grains.Jobs;

/// <summary>What is durable of a job from its acceptance: written once at the beginning and once at the end.</summary>
[GenerateSerializer, Alias("PiGrid.JobRecord")]
internal sealed record JobRecord
{
    /// <summary>The job as submitted, without its inputs; null while there is no such job.</summary>
    [Id(0)]
    public JobSpec? Spec { get; init; }

    /// <summary>What all shards run.</summary>
    [Id(1)]
    public WorkTemplate? Work { get; init; }

    /// <summary>When two results are the same.</summary>
    [Id(2)]
    public PiGrid.Verification.Comparator? Comparator { get; init; }

    /// <summary>How results are checked.</summary>
    [Id(3)]
    public VerificationPolicy Policy { get; init; }

    /// <summary>The inputs themselves, when they are few.</summary>
    [Id(4)]
    public IReadOnlyList<JobInput>? Inputs { get; init; }

    /// <summary>The inputs as a blob of JSON lines, when they are many.</summary>
    [Id(5)]
    public BlobRef? Index { get; init; }

    /// <summary>How many inputs there are.</summary>
    [Id(6)]
    public int InputCount { get; init; }

    /// <summary>Inputs in a shard.</summary>
    [Id(7)]
    public int ShardSize { get; init; }

    /// <summary>How many shards there are.</summary>
    [Id(8)]
    public int ShardCount { get; init; }

    /// <summary>When it became durable.</summary>
    [Id(9)]
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When it reached a terminal state.</summary>
    [Id(10)]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Its state.</summary>
    [Id(11)]
    public JobState State { get; init; }

    /// <summary>Why it failed or was cancelled.</summary>
    [Id(12)]
    public string? Error { get; init; }

    /// <summary>How far it is; the durable copy may lag, and catches up from the shards.</summary>
    [Id(13)]
    public JobProgress Progress { get; init; } = JobProgress.None;

    /// <summary>How soon it could be over when it was accepted; null when nothing was known.</summary>
    [Id(14)]
    public TimeSpan? Shortest { get; init; }

    /// <summary>What was known of those who computed an adaptive job when it was delivered.</summary>
    [Id(15)]
    public JobDelivery? Delivery { get; init; }

    /// <summary>How many delivered shards were found to be wrong and got another result.</summary>
    [Id(16)]
    public int Corrected { get; init; }

    /// <summary>The digest of the submission, by which another one under the same id is told from the same one sent again; null for the grid's own jobs.</summary>
    [Id(17)]
    public Sha256? Submission { get; init; }
}
