namespace Orleans.Embedded;

/// <summary>A timer whose ticks are requests of its activation. The next tick is set when one ends, so ticks never pile up.</summary>
internal sealed class GrainTimer : Request, IGrainTimer
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _timer;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _firing;
    private bool _changed;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        (_activation, _callback, _options) = (activation, callback, options);
        Check(options.DueTime, options.Period);
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _timer = activation.Runtime.Time.CreateTimer(
                static self => ((GrainTimer)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        activation.Track(this);
        Change(options.DueTime, options.Period);
    }

    public override bool ReadOnly => false;

    public override bool AlwaysInterleave => _options.Interleave;

    public override bool KeepsAlive => _options.KeepAlive;

    public override bool IsAbandoned => _ended.IsCancellationRequested;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, period);
        (_dueTime, _period, _changed) = (dueTime, period, true);
        if (!_firing) { Set(dueTime); }
    }

    public void Dispose()
    {
        if (!_ended.IsCancellationRequested)
        {
            _ended.Cancel();
            _timer.Dispose();
            _activation.Forget(this);
        }
    }

    public override async Task RunAsync(Activation activation)
    {
        try
        {
            _changed = false;
            await _callback(_ended.Token);
        }
        catch (Exception failure) { activation.Runtime.LogTimerFailed(failure, activation.GrainId); }
        finally
        {
            _firing = false;
            Set(_changed ? _dueTime : _period);
            activation.Completed(this);
        }
    }

    public override void Reroute() { }

    public override void Fail(Exception failure) { }

    private static void Check(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((long)dueTime.TotalMilliseconds, -1, nameof(dueTime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)dueTime.TotalMilliseconds, 0xfffffffe, nameof(dueTime));
        ArgumentOutOfRangeException.ThrowIfLessThan((long)period.TotalMilliseconds, -1, nameof(period));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)period.TotalMilliseconds, 0xfffffffe, nameof(period));
    }

    private void Fire()
    {
        _firing = true;
        _activation.Receive(this);
    }

    private void Set(TimeSpan dueTime)
    {
        if (!_ended.IsCancellationRequested) { _timer.Change(dueTime, Timeout.InfiniteTimeSpan); }
    }
}
