using System.Collections.Concurrent;

namespace PiGrid.Silo.Api.Inference;

/// <summary>A count, and the time that it stands for.</summary>
/// <param name="Count">How often.</param>
/// <param name="Ns">How long in all, in nanoseconds.</param>
internal readonly record struct DurationStatistic(long Count, long Ns)
{
    /// <summary>With one more.</summary>
    public DurationStatistic Plus(double milliseconds) => new(Count + 1, Ns + (long)(milliseconds * 1e6));
}

/// <summary>What this silo has answered for a model version since it started.</summary>
internal sealed record VersionStatistics
{
    /// <summary>When the last call came; null when none has.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Calls that run now.</summary>
    public int Running { get; init; }

    /// <summary>Calls with an output, from request to answer.</summary>
    public DurationStatistic Success { get; init; }

    /// <summary>Calls without one.</summary>
    public DurationStatistic Fail { get; init; }

    /// <summary>Until a node had the call.</summary>
    public DurationStatistic Queue { get; init; }

    /// <summary>On the node outside the model: decoding, before and after it.</summary>
    public DurationStatistic Around { get; init; }

    /// <summary>Inside the model.</summary>
    public DurationStatistic Model { get; init; }

    /// <summary>With a call that has begun.</summary>
    public VersionStatistics Begun(DateTimeOffset now) => this with { LastAt = now, Running = Running + 1 };

    /// <summary>With a call that is over.</summary>
    /// <param name="took">How long it took.</param>
    /// <param name="answer">Its answer; null when it failed.</param>
    public VersionStatistics Ended(TimeSpan took, InferenceAnswer? answer) => answer is null
        ? this with { Running = Running - 1, Fail = Fail.Plus(took.TotalMilliseconds) }
        : this with
        {
            Running = Running - 1,
            Success = Success.Plus(took.TotalMilliseconds),
            Queue = Queue.Plus(answer.QueueMs),
            Around = Around.Plus(Math.Max(0, answer.NodeMs - answer.ModelMs)),
            Model = Model.Plus(answer.ModelMs),
        };
}

/// <summary>Counts calls of each model version, in memory: since this silo started, and of this silo alone.</summary>
internal sealed class InferenceStatistics(TimeProvider time)
{
    private static readonly VersionStatistics None = new();

    private readonly ConcurrentDictionary<ModelRef, VersionStatistics> _versions = new();

    /// <summary>What was counted of a version.</summary>
    public VersionStatistics Of(ModelRef model) => _versions.GetValueOrDefault(model, None);

    /// <summary>Counts a call of a version that is there.</summary>
    /// <returns>To be disposed when the call is over.</returns>
    public Counting Begin(ModelRef model)
    {
        var now = time.GetUtcNow();
        _versions.AddOrUpdate(model, _ => None.Begun(now), (_, s) => s.Begun(now));
        return new(this, model);
    }

    /// <summary>A call that is counted.</summary>
    internal sealed class Counting(InferenceStatistics statistics, ModelRef model) : IDisposable
    {
        private readonly long _start = statistics.Now;

        /// <summary>What it was answered with; it failed when that is null in the end.</summary>
        public InferenceAnswer? Answer { get; set; }

        public void Dispose()
        {
            var took = statistics.Since(_start);
            statistics._versions.AddOrUpdate(model, static (_, _) => None, (_, s, answer) => s.Ended(took, answer), Answer);
        }
    }

    private long Now => time.GetTimestamp();

    private TimeSpan Since(long start) => time.GetElapsedTime(start);
}
