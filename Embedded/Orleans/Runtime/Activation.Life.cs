namespace Orleans.Embedded;

/// <summary>An activation's life: construct, read state, activate; serve; deactivate when asked, idle or inconsistent.</summary>
internal sealed partial class Activation {
    private int _lastUsed = runtime.CollectionTick;
    private LifeParts? _parts;

    public Task Deactivated => Parts.Deactivated.Task;

    public Enumerators Enumerators => Parts.Enumerators ??= new Enumerators(Runtime.ResponseTimeout);

    /// <summary>State to read before OnActivateAsync; filled while the instance is constructed.</summary>
    public List<Func<CancellationToken, Task>>? StatesToLoad { get; set; }

    public HashSet<GrainTimer> Timers => Parts.Timers;

    // What few activations need lives apart, so that an idle one stays small.
    private LifeParts Parts => _parts ?? Interlocked.CompareExchange(ref _parts, new LifeParts(), null) ?? _parts;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) {
        lock (this) {
            if (_stage >= Stage.Deactivating) { return; }
            Parts.Reason ??= deactivationReason;
            if (_stage == Stage.Activating) { return; }
            _stage = Stage.Deactivating;
            Parts.Enumerators?.Abort();
            if (_running == 0) { Post(static self => self.FinishAsync()); }
        }
    }

    public void DelayDeactivation(TimeSpan time) => Parts.KeepUntil = time <= TimeSpan.Zero ? default
        : time > TimeSpan.FromDays(36_500) ? DateTimeOffset.MaxValue : Runtime.Time.GetUtcNow() + time;

    /// <summary>Deactivates when nothing happened for longer than the class allows.</summary>
    public void CollectIfIdle(int tick, TimeSpan quantum) {
        lock (this) {
            if (grainClass.CollectionAge == Timeout.InfiniteTimeSpan || (tick - _lastUsed - 1) * quantum < grainClass.CollectionAge
                || _running > 0 || _waiting is { Count: > 0 } || _parts?.KeepUntil > Runtime.Time.GetUtcNow()) { return; }
        }
        Deactivate(new(DeactivationReasonCode.ActivationIdle, $"Idle for longer than {grainClass.CollectionAge}."));
    }

    public async Task ActivateAsync() {
        try {
            using var limit = new CancellationTokenSource(Runtime.Collection.ActivationTimeout);
            GrainInstance = grainClass.Construct(this);
            await Task.WhenAll(StatesToLoad?.Select(load => load(limit.Token)) ?? []);
            StatesToLoad = null;
            await ((IGrainBase)GrainInstance).OnActivateAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception failure) {
            Runtime.LogLifeFailed(failure, GrainId, "activating");
            await EndAsync(request => request.Fail(failure));
            return;
        }
        lock (this) {
            _stage = Stage.Active;
            if (_parts?.Reason is { } reason) { Deactivate(reason); }
            else { StartWaiting(all: true); }
        }
    }

    private async Task FinishAsync() {
        using var limit = new CancellationTokenSource(Runtime.Collection.DeactivationTimeout);
        await TryAsync("ending streams", async () => await (Parts.Enumerators?.EndAllAsync() ?? Task.CompletedTask).WaitAsync(limit.Token));
        await TryAsync("deactivating", () =>
            ((IGrainBase)GrainInstance!).OnDeactivateAsync(Parts.Reason!.Value, limit.Token).WaitAsync(limit.Token));
        await EndAsync(request => request.Reroute());
    }

    private async Task EndAsync(Action<Request> rest) {
        foreach (var timer in _parts?.Timers.ToArray() ?? []) { timer.Dispose(); }
        await TryAsync("disposing", async () => {
            if (GrainInstance is IAsyncDisposable grain) { await grain.DisposeAsync(); }
            else { (GrainInstance as IDisposable)?.Dispose(); }
            if (_scope is { } scope) { await scope.DisposeAsync(); }
        });
        lock (this) { _stage = Stage.Dead; }
        Runtime.Remove(this);
        foreach (var request in _waiting ?? []) { rest(request); }
        Parts.Deactivated.TrySetResult();
    }

    private async Task TryAsync(string doing, Func<Task> work) {
        try { await work(); }
        catch (Exception failure) { Runtime.LogLifeFailed(failure, GrainId, doing); }
    }

    private sealed class LifeParts {
        public TaskCompletionSource Deactivated { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HashSet<GrainTimer> Timers { get; } = [];

        public Enumerators? Enumerators { get; set; }

        public DeactivationReason? Reason { get; set; }

        /// <summary>Not collected for being idle before this.</summary>
        public DateTimeOffset KeepUntil { get; set; }
    }
}
