namespace PiGrid.Batches;

/// <summary>Where a batch stands.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.BatchStatus")]
public sealed record BatchStatus
{
    /// <summary>The batch.</summary>
    [Id(0)]
    public required BatchId Id { get; init; }

    /// <summary>As it was asked for.</summary>
    [Id(1)]
    public required BatchSpec Spec { get; init; }

    /// <summary>Its state.</summary>
    [Id(2)]
    public required BatchState State { get; init; }

    /// <summary>When it entered which state; states that it never was in are absent.</summary>
    [Id(3)]
    public required BatchTimes Times { get; init; }

    /// <summary>Why it failed; empty when it did not.</summary>
    [Id(4)]
    public IReadOnlyList<BatchError> Errors { get; init; } = [];

    /// <summary>How many calls it has; 0 until they are read.</summary>
    [Id(5)]
    public int Total { get; init; }

    /// <summary>Calls with an output. Exact once it has ended; before, as many as its jobs' closed shards stand for.</summary>
    [Id(6)]
    public int Completed { get; init; }

    /// <summary>Calls with an error.</summary>
    [Id(7)]
    public int Failed { get; init; }

    /// <summary>The file of outputs; null while there is none, or when no call has an output.</summary>
    [Id(8)]
    public FileId? Output { get; init; }

    /// <summary>The file of errors; null while there is none, or when no call has one.</summary>
    [Id(9)]
    public FileId? ErrorFile { get; init; }

    /// <summary>The one model version that all its calls run; null when there are several or none is known.</summary>
    [Id(10)]
    public ModelRef? Model { get; init; }

    /// <summary>Why its jobs wait; null when none does.</summary>
    [Id(11)]
    public string? QueueReason { get; init; }
}

/// <summary>When a batch entered each of its states.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.BatchTimes")]
public sealed record BatchTimes
{
    /// <summary>When it became durable.</summary>
    [Id(0)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its time is over.</summary>
    [Id(1)]
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When its calls were read and its jobs began.</summary>
    [Id(2)]
    public DateTimeOffset? InProgressAt { get; init; }

    /// <summary>When its files began to be written.</summary>
    [Id(3)]
    public DateTimeOffset? FinalizingAt { get; init; }

    /// <summary>When it was completed.</summary>
    [Id(4)]
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When it failed.</summary>
    [Id(5)]
    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>When it ended because its time was over.</summary>
    [Id(6)]
    public DateTimeOffset? ExpiredAt { get; init; }

    /// <summary>When it was asked to end.</summary>
    [Id(7)]
    public DateTimeOffset? CancellingAt { get; init; }

    /// <summary>When it had ended because it was asked to.</summary>
    [Id(8)]
    public DateTimeOffset? CancelledAt { get; init; }
}

/// <summary>One thing that is wrong with a batch.</summary>
/// <param name="Code">A stable word for programs, such as <c>duplicate_custom_id</c>.</param>
/// <param name="Message">What was wrong and what to do, for people.</param>
/// <param name="Line">The line of the file, from 1; null when it is about the file.</param>
/// <param name="Param">The member of the line; null when it is about all of it.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.BatchError")]
public sealed record BatchError(
    [property: Id(0)] string Code, [property: Id(1)] string Message, [property: Id(2)] int? Line = null, [property: Id(3)] string? Param = null);

/// <summary>The states of a batch; <see cref="Failed"/>, <see cref="Completed"/>, <see cref="Expired"/> and <see cref="Cancelled"/> are terminal.</summary>
[GenerateSerializer, Alias("PiGrid.BatchState")]
public enum BatchState
{
    /// <summary>Its file is being read.</summary>
    Validating,

    /// <summary>Its file is no batch; nothing was run.</summary>
    Failed,

    /// <summary>Its jobs run.</summary>
    InProgress,

    /// <summary>Its jobs are over, and its files are being written.</summary>
    Finalizing,

    /// <summary>All its calls have an output or an error.</summary>
    Completed,

    /// <summary>Its time was over before all calls were: those that were have their outputs.</summary>
    Expired,

    /// <summary>It was asked to end, and its jobs are being ended.</summary>
    Cancelling,

    /// <summary>It ended because it was asked to: calls that were over have their outputs.</summary>
    Cancelled,
}
