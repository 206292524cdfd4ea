namespace PiGrid;

/// <summary>A job as it is submitted. Either <see cref="Inputs"/> or <see cref="InputIndex"/> is given.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobSpec")]
public sealed record JobSpec
{
    /// <summary>The model version or pipeline to run.</summary>
    [Id(0)]
    public required ModelRef Model { get; init; }

    /// <summary>The inputs, in order; at most the silo's <c>Jobs:InputsMax</c> (10,000). More go into an index.</summary>
    [Id(1)]
    public IReadOnlyList<JobInput>? Inputs { get; init; }

    /// <summary>A blob of JSON lines, each a <see cref="JobInput"/> without data, in order.</summary>
    [Id(2)]
    public BlobRef? InputIndex { get; init; }

    /// <summary>How results are checked; <c>adaptive</c> when absent.</summary>
    [Id(3)]
    public VerificationPolicy? Policy { get; init; }

    /// <summary>When the job is to be over; what is open then fails. None when absent.</summary>
    [Id(4)]
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Inputs in one shard; chosen by the grid when absent.</summary>
    [Id(5)]
    public int? ShardSize { get; init; }

    /// <summary>A name for people; at most 200 characters.</summary>
    [Id(6)]
    public string? Name { get; init; }

    /// <summary>The job whose failed inputs this one runs again.</summary>
    [Id(7)]
    public JobId? RetryOf { get; init; }

    /// <summary>Whose key submitted it; set by the silo.</summary>
    [Id(8)]
    public string? Requester { get; init; }

    /// <summary>What goes first among the requester's own jobs; requesters share the grid equally, whatever the priority of their jobs.</summary>
    [Id(9)]
    public JobPriority Priority { get; init; }

    /// <summary>The batch that it is a part of, which is told its end; set by the silo.</summary>
    [Id(10)]
    public BatchId? Batch { get; init; }

    /// <summary>The W3C trace context of its submission, which the job's spans continue; set by the silo, null when it is not traced.</summary>
    [Id(11)]
    public string? Trace { get; init; }

    /// <summary>Which nodes may have it; any when absent.</summary>
    [Id(12)]
    public PlacementTerms? Placement { get; init; }
}

/// <summary>The order of one requester's jobs.</summary>
[GenerateSerializer, Alias("PiGrid.JobPriority")]
public enum JobPriority
{
    /// <summary>In the order of submission.</summary>
    Normal,

    /// <summary>Before all others.</summary>
    High,

    /// <summary>After all others.</summary>
    Low = -1,
}

/// <summary>One input of a job: a blob that the grid has, or the bytes themselves.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobInput")]
public sealed record JobInput
{
    /// <summary>A name for people, such as the file's; at most 500 characters. Nodes never see it.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The blob, uploaded before.</summary>
    [Id(1)]
    public BlobRef? Blob { get; init; }

    /// <summary>The bytes themselves; at most the silo's <c>Jobs:InlineInputBytesMax</c> (64 KiB).</summary>
    [Id(2)]
    public byte[]? Data { get; init; }
}

/// <summary>What became of a submission. A refusal costs nothing and names every invalid part.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobAdmission")]
public sealed record JobAdmission
{
    /// <summary>The accepted job's status; null when refused. Accepted means durable.</summary>
    [Id(0)]
    public JobStatus? Accepted { get; init; }

    /// <summary>Why it was refused; empty when accepted.</summary>
    [Id(1)]
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>Set when nothing is wrong with the submission but the grid is full: when to try again.</summary>
    [Id(2)]
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>One thing wrong with what somebody sent.</summary>
/// <param name="Field">Where, as a JSON path such as <c>inputs[3].blob</c>.</param>
/// <param name="Code">A stable word for programs, such as <c>unknown_model</c>.</param>
/// <param name="Message">What was wrong and what to do, for people.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.FieldError")]
public sealed record FieldError([property: Id(0)] string Field, [property: Id(1)] string Code, [property: Id(2)] string Message);
