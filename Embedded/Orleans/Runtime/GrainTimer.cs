namespace Orleans.Embedded;

/// <summary>A timer whose ticks are requests of its activation. The next tick is set when one ends, so ticks never pile up.</summary>
internal sealed class GrainTimer : Request, IGrainTimer {
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _timer;
    private (TimeSpan DueTime, TimeSpan Period) _times;
    private bool _firing;
    private bool _changed;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) {
        ArgumentNullException.ThrowIfNull(callback);
        (_activation, _callback, _options) = (activation, callback, options);
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow()) {
            _timer = activation.Runtime.Time.CreateTimer(
                static self => ((GrainTimer)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        Change(options.DueTime, options.Period);
        activation.Timers.Add(this);
    }

    public override bool ReadOnly => false;

    public override bool AlwaysInterleave => _options.Interleave;

    public override bool KeepsAlive => _options.KeepAlive;

    public override bool IsAbandoned => _ended.IsCancellationRequested;

    public void Change(TimeSpan dueTime, TimeSpan period) {
        foreach (var time in new[] { dueTime, period }) {
            ArgumentOutOfRangeException.ThrowIfLessThan((long)time.TotalMilliseconds, -1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan((long)time.TotalMilliseconds, 0xfffffffe);
        }
        (_times, _changed) = ((dueTime, period), true);
        if (!_firing) { Set(dueTime); }
    }

    public void Dispose() {
        if (IsAbandoned) { return; }
        _ended.Cancel();
        _timer.Dispose();
        _activation.Timers.Remove(this);
    }

    public override async Task RunAsync(Activation activation) {
        try {
            _changed = false;
            await _callback(_ended.Token);
        }
        catch (Exception failure) { activation.Runtime.LogLifeFailed(failure, activation.GrainId, "running a timer"); }
        _firing = false;
        Set(_changed ? _times.DueTime : _times.Period);
        activation.Completed(this);
    }

    public override void Reroute() { }

    public override void Fail(Exception failure) { }

    private void Fire() {
        _firing = true;
        _activation.Receive(this);
    }

    private void Set(TimeSpan dueTime) {
        if (!IsAbandoned) { _timer.Change(dueTime, Timeout.InfiniteTimeSpan); }
    }
}
