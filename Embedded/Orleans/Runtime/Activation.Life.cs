namespace Orleans.Embedded;

/// <summary>An activation's life: construct, read state, activate; serve; deactivate when asked, idle or inconsistent.</summary>
internal sealed partial class Activation
{
    private int _lastUsed = runtime.CollectionTick;

    /// <summary>State to read before OnActivateAsync; set while the instance is constructed.</summary>
    public List<IStateToLoad>? States { get; set; }

    /// <summary>Starts the activation, as its first turn.</summary>
    public void Activate() => Post(static self => self.ActivateAsync());

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (this)
        {
            if (_stage == Stage.Activating) { Extras.Reason ??= deactivationReason; }
            if (_stage != Stage.Active) { return; }
            _stage = Stage.Deactivating;
            Extras.Reason = deactivationReason;
            if (Extras.HasEnumerators) { Extras.Enumerators.Abort(); }
            if (_running == 0) { Post(static self => self.FinishAsync()); }
        }
    }

    public void DelayDeactivation(TimeSpan time) => Extras.KeepUntil = time <= TimeSpan.Zero ? default
        : time == TimeSpan.MaxValue ? DateTimeOffset.MaxValue : Runtime.Time.GetUtcNow() + time;

    public IGrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) =>
        new GrainTimer(this, callback, options);

    public void Track(GrainTimer timer) => Extras.Timers.Add(timer);

    public void Forget(GrainTimer timer) => Extras.Timers.Remove(timer);

    public void Touch() => _lastUsed = Runtime.CollectionTick;

    /// <summary>Deactivates when nothing happened for longer than the class allows.</summary>
    public void CollectIfIdle(int tick, TimeSpan quantum)
    {
        if (grainClass.CollectionAge == Timeout.InfiniteTimeSpan || (tick - _lastUsed - 1) * quantum < grainClass.CollectionAge)
        {
            return;
        }
        lock (this)
        {
            if (_running > 0 || _waitingFirst is not null || _extras?.KeepUntil > Runtime.Time.GetUtcNow()) { return; }
        }
        Deactivate(new(DeactivationReasonCode.ActivationIdle, $"Idle for longer than {grainClass.CollectionAge}."));
    }

    private async Task ActivateAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Runtime.Collection.ActivationTimeout);
            GrainInstance = grainClass.Construct(this);
            if (States is { } states)
            {
                States = null;
                await Task.WhenAll(states.Select(state => state.LoadAsync(limit.Token)));
            }
            await ((IGrainBase)GrainInstance).OnActivateAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception failure)
        {
            Runtime.LogActivationFailed(failure, GrainId);
            await EndAsync(request => request.Fail(failure));
            return;
        }
        lock (this)
        {
            _stage = Stage.Active;
            if (_extras?.Reason is { } reason) { Deactivate(reason); }
            else { StartWaiting(all: true); }
        }
    }

    private async Task FinishAsync()
    {
        var reason = Extras.Reason!.Value;
        try
        {
            DisposeTimers();
            if (Extras.HasEnumerators) { await Extras.Enumerators.DisposeAsync(); }
            using var limit = new CancellationTokenSource(Runtime.Collection.DeactivationTimeout);
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(reason, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception failure) { Runtime.LogDeactivationFailed(failure, GrainId, reason); }
        await EndAsync(request => request.Reroute());
    }

    private async Task EndAsync(Action<Request> rest)
    {
        DisposeTimers();
        try
        {
            switch (GrainInstance)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
            if (_scope is { } scope) { await scope.DisposeAsync(); }
        }
        catch (Exception failure)
        {
            Runtime.LogDeactivationFailed(failure, GrainId, new(DeactivationReasonCode.None, "Dispose failed."));
        }
        Request? waiting;
        lock (this)
        {
            _stage = Stage.Dead;
            waiting = TakeWaiting();
        }
        Runtime.Remove(this);
        while (waiting is { } request)
        {
            waiting = request.Next;
            request.Next = null;
            rest(request);
        }
        Extras.Deactivated.TrySetResult();
    }

    private void DisposeTimers()
    {
        foreach (var timer in _extras?.Timers.ToArray() ?? []) { timer.Dispose(); }
    }
}
