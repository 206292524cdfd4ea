namespace PiGrid.NodeAgent.Work;

/// <summary>
/// Lets outputs leave the node in groups while calls wait for slots, as network cards coalesce interrupts. What follows a run on the node, in the grid and with the callers, up to
/// the next inputs, takes code and memory that the models have driven out of the processor's caches; for all but the first of a group they are there.
/// </summary>
internal sealed class OutputCoalescing(TimeProvider time)
{
    private readonly Lock _gate = new();
    private List<TaskCompletionSource> _held = [];
    private ITimer? _timer;
    private long _due;

    /// <summary>Waits for others, unless they are enough with this one: then lets all go that wait.</summary>
    /// <param name="waitMax">How long it waits at most; zero for not at all.</param>
    /// <returns>Ends when this output may go: those before it have gone by then.</returns>
    public Task LeaveAsync(TimeSpan waitMax)
    {
        lock (_gate)
        {
            if (waitMax > TimeSpan.Zero && _held.Count + 1 < CoalescingRules.GroupMax)
            {
                // It goes on in whoever lets it go, so that one thread does for all what there is to do.
                var output = new TaskCompletionSource();
                _held.Add(output);
                SetTimer(waitMax);
                return output.Task;
            }
        }

        Release();
        return Task.CompletedTask;
    }

    // The first whose time is over takes all along.
    private void SetTimer(TimeSpan wait)
    {
        var due = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
        if (_held.Count == 1 || due < _due)
        {
            _due = due;
            _timer ??= time.CreateTimer(_ => Release(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Release()
    {
        List<TaskCompletionSource> outputs;
        lock (_gate)
        {
            outputs = _held;
            _held = [];
        }

        foreach (var output in outputs)
        {
            output.SetResult();
        }
    }
}
