namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>The steps of jobs' lives as they happen: a fault waits here for the step that it is to hit.</summary>
internal sealed class Moments
{
    /// <summary>A submission was answered.</summary>
    public const string Submitted = "submitted";

    /// <summary>A shard has its canonical result, as those who watch the job hear it.</summary>
    public const string ShardAccepted = "shard_accepted";

    /// <summary>A job ended, as those who watch it hear it.</summary>
    public const string JobFinished = "job_finished";

    private readonly Lock _gate = new();
    private readonly List<(string Moment, TaskCompletionSource Waiting)> _waiting = [];

    /// <summary>What a fault can aim at: the messages between silo and nodes by their types, and what requesters hear.</summary>
    public static IReadOnlyList<string> All { get; } = [Submitted, "assign", "accept", "result", "result_verdict", ShardAccepted, JobFinished];

    /// <summary>Something happened.</summary>
    public void Happened(string moment)
    {
        List<TaskCompletionSource> hit;
        lock (_gate)
        {
            hit = [.. _waiting.Where(w => w.Moment == moment).Select(w => w.Waiting)];
            _waiting.RemoveAll(w => w.Moment == moment);
        }

        hit.ForEach(w => w.TrySetResult());
    }

    /// <summary>Waits until it happens next, or for so long.</summary>
    /// <returns>Whether it happened.</returns>
    public async Task<bool> WaitAsync(string moment, TimeSpan longest)
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((moment, waiting));
        }

        try
        {
            await waiting.Task.WaitAsync(longest);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
