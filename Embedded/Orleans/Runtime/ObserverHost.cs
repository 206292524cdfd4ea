namespace Orleans.Embedded;

/// <summary>The objects of this process that grains may call. They are held weakly, as in Orleans, and each runs its calls one after
/// the other.</summary>
internal sealed class ObserverHost(GrainRuntime runtime) {
    private readonly ConcurrentDictionary<string, Entry> _entries = new();

    public string ClientId { get; } = Guid.NewGuid().ToString("N");

    public object Register(Type type, IGrainObserver target) {
        if (target is GrainReference) { throw new ArgumentException("The observer is a reference already.", nameof(target)); }
        var key = Guid.NewGuid().ToString("N");
        _entries[key] = new Entry(new(target));
        return GrainInterface.Get(type).Reference(runtime, GrainId.Create(GrainRuntime.ClientType, $"{ClientId}+{key}"));
    }

    public void Remove(IGrainObserver target) {
        var name = target is GrainReference reference ? Split(reference.GrainId).Observer : null;
        foreach (var (key, entry) in _entries) {
            if (key == name || !entry.Target.TryGetTarget(out var known) || ReferenceEquals(known, target)) { _entries.TryRemove(key, out _); }
        }
    }

    public static (string Client, string Observer) Split(GrainId id) => id.Key.ToString().Split('+', 2) switch {
        [var client, var observer] => (client, observer),
        _ => ("", ""),
    };

    /// <summary>Queues a call of an observer. One that is gone does not answer, as in Orleans: its caller times out.</summary>
    public void Deliver(Call call) {
        if (_entries.TryGetValue(Split(call.Target).Observer, out var entry)) { entry.Enqueue(call); }
    }

    private sealed class Entry(WeakReference<IGrainObserver> target) {
        private readonly Queue<Call> _waiting = new();
        private bool _isRunning;

        public WeakReference<IGrainObserver> Target => target;

        /// <summary>Runs the call at once, on the caller's thread, when the observer has none: most take a message and return.</summary>
        public void Enqueue(Call call) {
            lock (_waiting) {
                if (_isRunning) {
                    _waiting.Enqueue(call);
                    return;
                }
                _isRunning = true;
            }
            var caller = RuntimeContext.Current;
            RuntimeContext.Current = null;
            // A task, so that the observer's code does not find the caller's activation as its scheduler.
            new Task(() => _ = RunAsync(call)).RunSynchronously(TaskScheduler.Default);
            RuntimeContext.Current = caller;
        }

        private async Task RunAsync(Call call) {
            if (target.TryGetTarget(out var instance)) { await call.RunOnAsync(instance); }
            lock (_waiting) {
                if (!_waiting.TryDequeue(out call!)) {
                    _isRunning = false;
                    return;
                }
            }
            // Not from here, where the call before has left its execution context.
            ThreadPool.UnsafeQueueUserWorkItem(static next => _ = next.Entry.RunAsync(next.Call), (Entry: this, Call: call), preferLocal: true);
        }
    }
}
