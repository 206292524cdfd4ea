using PiGrid.Batches;

namespace PiGrid.Grains.Batches;

/// <summary>What a batch does next.</summary>
internal enum BatchStep
{
    /// <summary>Nothing: it has ended.</summary>
    None,

    /// <summary>Read its file.</summary>
    Read,

    /// <summary>Submit the jobs that are not submitted.</summary>
    Submit,

    /// <summary>Wait for its jobs.</summary>
    Wait,

    /// <summary>Stop its jobs.</summary>
    Stop,

    /// <summary>Write its files.</summary>
    Write,
}

/// <summary>
/// The decisions of a batch. Its states are OpenAI's: validating to failed or in_progress, to finalizing, to completed; to expired when its time is over before its jobs
/// are; to cancelling and cancelled when its requester has enough. Terminal states stay. Every rule takes the record as it is now, and one that comes late changes
/// nothing: reading a file takes a while, and a batch may be cancelled meanwhile.
/// </summary>
internal static class BatchRules
{
    /// <summary>The errors that a failed batch lists at most.</summary>
    public const int ErrorsMax = 100;

    /// <summary>Whether a state stays.</summary>
    public static bool IsTerminal(BatchState state) => state is BatchState.Failed or BatchState.Completed or BatchState.Expired or BatchState.Cancelled;

    /// <summary>The record of a batch that is being accepted.</summary>
    public static BatchRecord Accept(BatchSpec spec, DateTimeOffset now) => new()
    {
        Spec = spec,
        State = BatchState.Validating,
        Times = new() { CreatedAt = now, ExpiresAt = now + spec.Window },
    };

    /// <summary>Its file was read: it is no batch, and why.</summary>
    public static BatchRecord Fail(BatchRecord record, IReadOnlyList<BatchError> errors, DateTimeOffset now) => IsTerminal(record.State) ? record : record with
    {
        State = BatchState.Failed,
        Errors = errors.Take(ErrorsMax).ToArray(),
        Times = record.Times with { FailedAt = now },
    };

    /// <summary>Its file was read: these are its calls and jobs.</summary>
    public static BatchRecord Begin(BatchRecord record, BatchPlan plan, DateTimeOffset now) => record.State != BatchState.Validating ? record : record with
    {
        State = BatchState.InProgress,
        Plan = plan.Segments,
        Total = plan.Lines,
        Refused = plan.Refused,
        Jobs = plan.Jobs,
        Times = record.Times with { InProgressAt = now },
    };

    /// <summary>The grid has answered the submission of a job.</summary>
    public static BatchRecord Submitted(BatchRecord record, int job, JobAdmission admission)
    {
        var known = record.Jobs[job];
        return IsTerminal(record.State) || known.State != BatchJobState.Waiting ? record
            : admission.Accepted is not null ? With(record, job, known with { State = BatchJobState.Submitted })
            : admission.RetryAfter is not null ? record
            : With(record, job, known with { State = BatchJobState.Refused, Status = StatusOf(admission.Errors), Error = string.Join(" ", admission.Errors.Select(e => e.Message)) });
    }

    /// <summary>What a job says of itself; one that is gone was deleted, and has no results.</summary>
    public static BatchRecord Heard(BatchRecord record, int job, JobStatus? status)
    {
        var known = record.Jobs[job];
        return IsTerminal(record.State) || known.State != BatchJobState.Submitted ? record
            : status is null ? With(record, job, known with { State = BatchJobState.Refused, Status = 410, Error = $"The batch's job {known.Id} was deleted." })
            : !status.IsTerminal ? record
            : With(record, job, known with { State = EndOf(record, status) });
    }

    /// <summary>Jobs that were never submitted, of a batch that is being ended, never will be.</summary>
    public static BatchRecord StopWaiting(BatchRecord record) => IsTerminal(record.State) || !IsStopping(record) || record.Jobs.All(j => j.State != BatchJobState.Waiting) ? record : record with
    {
        Jobs = record.Jobs.Select(j => j.State == BatchJobState.Waiting ? j with { State = BatchJobState.Stopped } : j).ToArray(),
    };

    /// <summary>After time has passed: it may be over before the batch is. Files that are being written are finished.</summary>
    public static BatchRecord Age(BatchRecord record, DateTimeOffset now) => now < record.Times.ExpiresAt ? record : record.State switch
    {
        BatchState.Validating => record with { State = BatchState.Expired, TimedOut = true, Times = record.Times with { ExpiredAt = now } },
        BatchState.InProgress when !AreOver(record) => record with
        {
            State = BatchState.Finalizing,
            TimedOut = true,
            Times = record.Times with { FinalizingAt = now },
        },
        _ => record,
    };

    /// <summary>Its requester has enough. What has ended, or has its files written, stays as it is.</summary>
    public static BatchRecord Cancel(BatchRecord record, DateTimeOffset now) => record.State switch
    {
        BatchState.Validating => record with { State = BatchState.Cancelled, Times = record.Times with { CancellingAt = now, CancelledAt = now } },
        BatchState.InProgress => record with { State = BatchState.Cancelling, Times = record.Times with { CancellingAt = now } },
        _ => record,
    };

    /// <summary>A batch all of whose jobs are over has its files written.</summary>
    public static BatchRecord Finalize(BatchRecord record, DateTimeOffset now) => record.State == BatchState.InProgress && AreOver(record)
        ? record with { State = BatchState.Finalizing, Times = record.Times with { FinalizingAt = now } }
        : record;

    /// <summary>Its files are written.</summary>
    public static BatchRecord Written(BatchRecord record, BatchFiles files, DateTimeOffset now)
    {
        var written = record with { Completed = files.Completed, Failed = files.Failed, Output = files.Output, ErrorFile = files.Errors };
        return record.State switch
        {
            BatchState.Cancelling => written with { State = BatchState.Cancelled, Times = record.Times with { CancelledAt = now } },
            BatchState.Finalizing when record.TimedOut => written with { State = BatchState.Expired, Times = record.Times with { ExpiredAt = now } },
            BatchState.Finalizing => written with { State = BatchState.Completed, Times = record.Times with { CompletedAt = now } },
            _ => record,
        };
    }

    /// <summary>What is to be done now.</summary>
    public static BatchStep Next(BatchRecord record) => record.State switch
    {
        BatchState.Validating => BatchStep.Read,
        BatchState.InProgress => record.Jobs.Any(j => j.State == BatchJobState.Waiting) ? BatchStep.Submit : BatchStep.Wait,
        BatchState.Cancelling or BatchState.Finalizing => AreOver(record) ? BatchStep.Write : BatchStep.Stop,
        BatchState.Failed or BatchState.Completed or BatchState.Expired or BatchState.Cancelled => BatchStep.None,
    };

    /// <summary>
    /// What callers see. A running batch counts a job's calls by its shards: those of closed ones are over, and of these it knows how many failed.
    /// </summary>
    public static BatchStatus ToStatus(BatchId id, BatchRecord record, IReadOnlyList<JobStatus?> jobs)
    {
        var isOver = IsTerminal(record.State);
        var (completed, failed) = isOver ? (record.Completed, record.Failed) : (0, record.Refused);
        for (var i = 0; !isOver && i < jobs.Count; i++)
        {
            var over = record.Jobs[i].State == BatchJobState.Refused ? record.Jobs[i].Inputs : jobs[i] is { } job ? OverIn(job) : 0;
            var wrong = record.Jobs[i].State == BatchJobState.Refused ? over : Math.Min(over, jobs[i]?.InputsFailed ?? 0);
            (completed, failed) = (completed + over - wrong, failed + wrong);
        }

        return new BatchStatus
        {
            Id = id,
            Spec = record.Spec!,
            State = record.State,
            Times = record.Times,
            Errors = record.Errors,
            Total = record.Total,
            Completed = completed,
            Failed = failed,
            Output = record.Output,
            ErrorFile = record.ErrorFile,
            Model = record.Jobs.Select(j => (ModelRef?)j.Model).Distinct().ToArray() is [var only] ? only : null,
            QueueReason = isOver ? null : jobs.Select(j => j?.QueueReason).FirstOrDefault(r => r is not null),
        };
    }

    /// <summary>Whether a batch that ended then has been kept long enough.</summary>
    public static bool IsForgotten(BatchStatus status, DateTimeOffset now, TimeSpan retention) =>
        retention > TimeSpan.Zero
        && (status.Times.CompletedAt ?? status.Times.FailedAt ?? status.Times.ExpiredAt ?? status.Times.CancelledAt) is { } end
        && IsTerminal(status.State)
        && end + retention <= now;

    private static bool AreOver(BatchRecord record) => record.Jobs.All(j => j.State is not (BatchJobState.Waiting or BatchJobState.Submitted));

    private static bool IsStopping(BatchRecord record) => record.State == BatchState.Cancelling || record.TimedOut;

    private static BatchJobState EndOf(BatchRecord record, JobStatus job) => job switch
    {
        { State: JobState.Cancelled } when IsStopping(record) => BatchJobState.Stopped,
        { State: JobState.Failed, Deadline: { } deadline, FinishedAt: { } end } when deadline <= end => BatchJobState.Late,
        _ => BatchJobState.Ended,
    };

    private static int OverIn(JobStatus job) => job.IsTerminal ? job.Inputs
        : job.Shards == 0 ? 0
        : (int)((long)job.Inputs * (job.ShardsAccepted + job.ShardsFailed) / job.Shards);

    private static int StatusOf(IReadOnlyList<FieldError> errors) => errors.Count == 0 ? 503 : errors[0] switch
    {
        { Code: "unknown_model" } => 404,
        { Code: "model_pending" or "model_unloaded" or "model_rejected" } => 503,
        { Field: "deadline" } => 504,
        _ => 422,
    };

    private static BatchRecord With(BatchRecord record, int job, BatchJob changed) =>
        record with { Jobs = record.Jobs.Select((j, i) => i == job ? changed : j).ToArray() };
}

/// <summary>What a batch's file was read as.</summary>
/// <param name="Errors">Why it is no batch; empty when it is one.</param>
/// <param name="Lines">How many calls it has.</param>
/// <param name="Refused">How many of them were refused.</param>
/// <param name="Segments">The calls.</param>
/// <param name="Jobs">The jobs that run the others.</param>
internal sealed record BatchPlan(IReadOnlyList<BatchError> Errors, int Lines, int Refused, IReadOnlyList<BlobRef> Segments, IReadOnlyList<BatchJob> Jobs);

/// <summary>The files that a batch has written.</summary>
/// <param name="Completed">Calls with an output.</param>
/// <param name="Failed">Calls with an error.</param>
/// <param name="Output">The outputs; null when there are none.</param>
/// <param name="Errors">The errors; null when there are none.</param>
internal sealed record BatchFiles(int Completed, int Failed, FileId? Output, FileId? Errors);
