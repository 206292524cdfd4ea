using PiGrid.Grains.Scheduling;
using PiGrid.Models;

namespace PiGrid.Grains.Jobs;

/// <summary>
/// The decisions of a job: what a submission becomes, which shards are open, when it is over. A job has four states; the only moves are from
/// <see cref="JobState.Running"/> to one of the terminal ones.
/// </summary>
internal static class JobRules
{
    /// <summary>Up to this many inputs are kept in the job's own record instead of an index blob.</summary>
    public const int InputsInRecordMax = 64;

    /// <summary>A job with few inputs is still cut into so many shards, so that many nodes can work on it at once.</summary>
    public const int ShardsAtLeast = 16;

    // A job that needs so many times its shortest time is still in time, or it asks for results in parallel.
    private const double HurriedFactor = 4;

    /// <summary>How many times as far as there are open shards the last of them may lie from the first.</summary>
    public const int WindowReach = 8;

    /// <summary>The inputs in one shard: as many as take the work aimed at, within the limits.</summary>
    public static int ShardSize(JobSpec spec, int inputs, double inputMs, JobOptions options)
    {
        if (spec.ShardSize is { } wished)
        {
            return wished;
        }

        var byWork = inputMs > 0 ? (int)Math.Min(int.MaxValue, options.ShardWork.TotalMilliseconds / inputMs) : options.ShardInputsMax;
        return Math.Clamp(Math.Min(byWork, inputs / ShardsAtLeast), 1, options.ShardInputsMax);
    }

    /// <summary>The record of a job that is being accepted.</summary>
    public static JobRecord Accept(JobSpec spec, ModelWork model, int inputs, DateTimeOffset now, JobOptions options)
    {
        var size = ShardSize(spec, inputs, model.InputMs, options);
        return new JobRecord
        {
            Spec = spec with { Inputs = null, InputIndex = null },
            Work = model.Template,
            Comparator = model.Comparator,
            Policy = PlacementRules.InForce(spec.Policy ?? VerificationPolicy.Adaptive, spec.Placement),
            InputCount = inputs,
            ShardSize = size,
            ShardCount = (inputs + size - 1) / size,
            AcceptedAt = now,
            State = JobState.Running,
        };
    }

    /// <summary>
    /// How soon an accepted job could be over at best: its replicas shared out over the requester's part of the slots, and at least one
    /// replica's time. Null when that cannot be said: no node is connected that fits, or nothing is known of the model's pace.
    /// </summary>
    public static TimeSpan? Shortest(JobRecord record, WorkForecast forecast, double inputMs)
    {
        var perInput = forecast.PerInput ?? TimeSpan.FromMilliseconds(inputMs);
        if (forecast.Slots == 0 || perInput <= TimeSpan.Zero)
        {
            return null;
        }

        var work = perInput.TotalSeconds * record.InputCount * record.Policy.Agreeing * (forecast.Rivals + 1) / forecast.Slots;
        return TimeSpan.FromSeconds(Math.Min(TimeSpan.FromDays(3650).TotalSeconds, Math.Max(work, perInput.TotalSeconds * record.ShardSize)));
    }

    /// <summary>
    /// When a shard that waits can be expected to begin: requesters take turns, so after one shard's time for each of them, shared out over the slots. Null when that cannot be
    /// said.
    /// </summary>
    public static DateTimeOffset? ExpectedStart(JobRecord record, WorkForecast? forecast, DateTimeOffset now) =>
        forecast is { Slots: > 0, PerInput: { } perInput } ? now + (perInput * record.ShardSize * (forecast.Rivals + 1) / forecast.Slots) : null;

    /// <summary>What is wrong with the policy for the model and under the terms; null when nothing is.</summary>
    public static FieldError? CheckPolicy(VerificationPolicy? policy, PlacementTerms? placement, ModelWork model) =>
        PlacementRules.CheckPolicy(policy, placement) is { } impossible ? impossible
        : policy is { Kind: PolicyKind.Critical } && model.Comparator.Kind == PiGrid.Verification.ComparatorKind.Exact
            ? new("policy", "impossible", $"{policy} compares results of different hardware classes, and the results of {model.Template.Model} are compared exactly, which only results "
                + "of one class can be; use quorum(K), or a model version whose manifest states a tolerance.")
            : null;

    /// <summary>What is wrong with a submission under the id of a job that is there; null when it is the same one again.</summary>
    public static FieldError? CheckAgain(JobRecord record, Sha256 submission) => record.Submission is { } first && first != submission
        ? new("id", "idempotency_conflict", "A job with this id, or idempotency key, was submitted with another content: use a new one, or send the same again.")
        : null;

    /// <summary>What is wrong with the deadline of a job that could be over after <paramref name="shortest"/> at best; null when it can be met.</summary>
    public static FieldError? CheckDeadline(JobRecord record, TimeSpan? shortest, WorkForecast forecast, DateTimeOffset now) =>
        record.Spec!.Deadline is { } deadline && shortest is { } needed && now + needed > deadline
            ? new("deadline", "unmeetable", $"It cannot be met: {record.InputCount} inputs on {forecast.Slots} slots of the connected nodes"
                + (forecast.Rivals > 0 ? $", shared with {forecast.Rivals} other requesters," : "")
                + $" take {needed.TotalSeconds:0.#} s at best; the earliest deadline that could be met is {now + needed:O}.")
            : null;

    /// <summary>The record of the job that validates a model: one shard, one replica, on an operator's node.</summary>
    public static JobRecord Validation(WorkTemplate work, IReadOnlyList<BlobRef> ringers, DateTimeOffset now) => new()
    {
        Spec = new JobSpec { Model = work.Model, Policy = VerificationPolicy.None, Name = $"Validation of {work.Model}" },
        Work = work,
        Comparator = new PiGrid.Verification.Comparator { Kind = PiGrid.Verification.ComparatorKind.Exact },
        Policy = VerificationPolicy.None,
        Inputs = ringers.Select((r, i) => new JobInput { Name = $"ringer {i}", Blob = r }).ToArray(),
        InputCount = ringers.Count,
        ShardSize = Math.Max(1, ringers.Count),
        ShardCount = 1,
        AcceptedAt = now,
        State = JobState.Running,
    };

    /// <summary>
    /// The shards that are to be open: the first <paramref name="count"/> that are not closed. They lie within <see cref="WindowReach"/> times as many
    /// from <see cref="JobProgress.Low"/> on, so that one that takes long holds back the others late, and yet progress stays small.
    /// </summary>
    public static IEnumerable<int> Window(JobRecord record, int count)
    {
        var end = Math.Min(record.ShardCount, record.Progress.Low + Math.Min((long)count * WindowReach, record.ShardCount));
        for (var shard = record.Progress.Low; shard < end && count > 0; shard++)
        {
            if (!record.Progress.IsClosed(shard))
            {
                count--;
                yield return shard;
            }
        }
    }

    /// <summary>Whether more shards are to be opened, with that many open: not for each one that closes, but before nodes run out of them.</summary>
    public static bool WantsMoreOpen(JobRecord record, int open, JobOptions options) =>
        open < record.ShardCount - record.Progress.Closed && open <= options.OpenShardsMax - Math.Max(1, options.OpenShardsMax / 8);

    /// <summary>Whether few shards are left of many: then each of them holds up the whole job.</summary>
    public static bool IsTail(JobRecord record, JobOptions options) =>
        record.ShardCount >= options.TailShardsMin && record.ShardCount - record.Progress.Closed <= record.ShardCount * options.TailShare;

    /// <summary>The inputs of a shard: first index and count.</summary>
    public static (int First, int Count) InputsOf(JobRecord record, int shard)
    {
        var first = shard * record.ShardSize;
        return (first, Math.Min(record.ShardSize, record.InputCount - first));
    }

    /// <summary>After a shard has closed: the job may be over.</summary>
    public static JobRecord Close(JobRecord record, ShardOutcome outcome, DateTimeOffset now)
    {
        if (record.State != JobState.Running)
        {
            return record;
        }

        var next = record with { Progress = record.Progress.With(outcome) };
        return IsAdaptive(record) ? next : Finish(next, now);
    }

    /// <summary>Ends a job all of whose shards are closed.</summary>
    public static JobRecord Finish(JobRecord record, DateTimeOffset now) =>
        record.Progress.Closed < record.ShardCount ? record
        : record.Progress.Accepted > 0 ? End(record, JobState.Completed, null, now)
        : End(record, JobState.Failed, record.Progress.LastError ?? "No shard has a result.", now);

    /// <summary>Whether the job checks its results until few enough can be wrong, and is over then and not when all shards are closed.</summary>
    public static bool IsAdaptive(JobRecord record) => record.Policy.Kind == PolicyKind.Adaptive;

    /// <summary>
    /// How many results an adaptive shard asks for at once: one, and as many more as are needed where that takes a second one; but two where asking one after
    /// the other might not be over by the deadline.
    /// </summary>
    public static int AtOnce(JobRecord record, DateTimeOffset now)
    {
        if (record is not { Spec.Deadline: { } deadline, Shortest: { } shortest })
        {
            return 1;
        }

        var left = shortest * (1 - (record.Progress.Closed / (double)record.ShardCount));
        return now + (left * HurriedFactor) > deadline ? 2 : 1;
    }

    /// <summary>After time has passed: a job whose deadline is over has failed.</summary>
    public static JobRecord Age(JobRecord record, DateTimeOffset now) =>
        record is { State: JobState.Running, Spec.Deadline: { } deadline } && deadline <= now
            ? End(record, JobState.Failed, $"The deadline {deadline:O} passed with {record.Progress.Closed} of {record.ShardCount} shards closed.", now)
            : record;

    /// <summary>Ends a running job; one that has ended stays as it is.</summary>
    public static JobRecord End(JobRecord record, JobState state, string? reason, DateTimeOffset now) =>
        record.State == JobState.Running ? record with { State = state, Error = reason, FinishedAt = now } : record;

    /// <summary>Whether a job that ended then has been kept long enough.</summary>
    public static bool IsOver(JobStatus status, DateTimeOffset now, JobOptions options) =>
        options.Retention > TimeSpan.Zero && status is { IsTerminal: true, FinishedAt: { } end } && end + options.Retention <= now;

    /// <summary>What callers see.</summary>
    public static JobStatus ToStatus(JobId id, JobRecord record, string? queueReason) => new()
    {
        Id = id,
        State = record.State,
        Model = record.Spec!.Model,
        Policy = record.Policy,
        Name = record.Spec.Name,
        AcceptedAt = record.AcceptedAt,
        FinishedAt = record.FinishedAt,
        Deadline = record.Spec.Deadline,
        Inputs = record.InputCount,
        InputsFailed = record.Progress.InputsFailed,
        Shards = record.ShardCount,
        ShardsAccepted = record.Progress.Accepted,
        ShardsFailed = record.Progress.GivenUp,
        ReplicasIssued = record.Progress.Replicas,
        QueueReason = record.State == JobState.Running ? queueReason : null,
        Error = record.Error,
        RetryOf = record.Spec.RetryOf,
        Priority = record.Spec.Priority,
        ExpectedWrong = record.Delivery?.ExpectedWrong,
        ShardsCorrected = record.Corrected,
        Placement = record.Spec.Placement,
    };
}
