namespace PiGrid.NodeAgent.Work;

/// <summary>
/// Lets outputs leave the node in pairs while calls wait for slots, as network cards coalesce interrupts. What follows a run on the node, in the grid and with the callers, up to
/// the next inputs, takes code and memory that the models have driven out of the processor's caches; for the second of a pair they are there.
/// </summary>
internal sealed class OutputCoalescing(TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _first;
    private ITimer? _timer;

    /// <summary>Lets the output go that waits, if one does; else waits itself for the next.</summary>
    /// <param name="waitMax">How long it waits at most; zero for not at all.</param>
    /// <returns>Ends when this output may go: the one that waited has gone by then.</returns>
    public Task LeaveAsync(TimeSpan waitMax)
    {
        TaskCompletionSource? first;
        lock (_gate)
        {
            first = TakeFirst();
            if (first is null && waitMax > TimeSpan.Zero)
            {
                // It goes on in whoever lets it go, so that one thread does for both what there is to do.
                _first = new();
                _timer ??= time.CreateTimer(_ => TakeFirst()?.SetResult(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(waitMax, Timeout.InfiniteTimeSpan);
                return _first.Task;
            }
        }

        first?.SetResult();
        return Task.CompletedTask;
    }

    private TaskCompletionSource? TakeFirst()
    {
        lock (_gate)
        {
            var first = _first;
            _first = null;
            return first;
        }
    }
}
