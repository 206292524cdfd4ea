using Microsoft.Extensions.Options;

namespace PiGrid.Grains.Online;

/// <summary>
/// The calls of a silo that are over and still known for <see cref="OnlineOptions.KeepAnswers"/>: a queue and one timer for all. A timer for each would be tens of
/// thousands at some hundred calls a second, and the runtime walks through all of its long timers several times a second. Thread-safe.
/// </summary>
internal sealed class KeptCalls : IDisposable
{
    // How late a call may be forgotten, so that the timer need not run for each.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly Queue<KeptCall> _kept = new();
    private readonly TimeSpan _keep;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public KeptCalls(IOptions<OnlineOptions> options, TimeProvider time)
    {
        (_keep, _time) = (options.Value.KeepAnswers, time);
        _timer = time.CreateTimer(static self => ((KeptCalls)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_kept)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>Has a call forgotten when its time is over.</summary>
    /// <param name="forget">Forgets it; run as a turn of the grain that calls this.</param>
    public void Keep(Func<Task> forget)
    {
        lock (_kept)
        {
            _kept.Enqueue(new(_time.GetTimestamp(), TaskScheduler.Current, forget));
            if (_kept.Count == 1)
            {
                _timer.Change(_keep, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_kept)
        {
            while (_kept.TryPeek(out var next))
            {
                if (_keep - _time.GetElapsedTime(next.Since) is var left && left > TimeSpan.Zero)
                {
                    _timer.Change(left > Step ? left : Step, Timeout.InfiniteTimeSpan);
                    return;
                }

                _kept.Dequeue();
                _ = Task.Factory.StartNew(next.Forget, CancellationToken.None, TaskCreationOptions.DenyChildAttach, next.Grain);
            }
        }
    }

    private readonly record struct KeptCall(long Since, TaskScheduler Grain, Func<Task> Forget);
}
