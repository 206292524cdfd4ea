namespace Orleans.Embedded;

/// <summary>
/// The objects of this process that grains may call. They are held weakly, as in Orleans, and each runs its calls one after
/// the other.
/// </summary>
internal sealed class ObserverHost(GrainRuntime runtime)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new();

    public object Register(GrainInterface type, IGrainObserver target)
    {
        if (target is GrainReference) { throw new ArgumentException("The observer is a reference already.", nameof(target)); }
        var key = Guid.NewGuid().ToString("N");
        _entries[key] = new Entry(new WeakReference<IGrainObserver>(target));
        return runtime.Reference(type, GrainId.Create(GrainRuntime.ClientType, $"{runtime.ClientId}+{key}"));
    }

    public void Remove(IGrainObserver target)
    {
        if (target is GrainReference reference)
        {
            _entries.TryRemove(KeyOf(reference.GrainId), out _);
            return;
        }
        foreach (var (key, entry) in _entries)
        {
            if (!entry.Target.TryGetTarget(out var known) || ReferenceEquals(known, target)) { _entries.TryRemove(key, out _); }
        }
    }

    /// <summary>Which client an observer's id names.</summary>
    public static string ClientOf(GrainId id)
    {
        var key = id.Key.ToString();
        return key[..Math.Max(0, key.IndexOf('+', StringComparison.Ordinal))];
    }

    public void Deliver(Call call)
    {
        if (_entries.TryGetValue(KeyOf(call.Target), out var entry) && entry.Target.TryGetTarget(out _)) { entry.Enqueue(call); }
        else { call.Fail(new ClientNotAvailableException(call.Target)); }
    }

    private static string KeyOf(GrainId id)
    {
        var key = id.Key.ToString();
        return key[(key.IndexOf('+', StringComparison.Ordinal) + 1)..];
    }

    private sealed class Entry(WeakReference<IGrainObserver> target)
    {
        private readonly Queue<Call> _waiting = new();
        private bool _running;

        public WeakReference<IGrainObserver> Target { get; } = target;

        public void Enqueue(Call call)
        {
            lock (_waiting)
            {
                _waiting.Enqueue(call);
                if (_running) { return; }
                _running = true;
            }
            ThreadPool.UnsafeQueueUserWorkItem(static entry => _ = entry.RunAsync(), this, preferLocal: false);
        }

        private async Task RunAsync()
        {
            while (true)
            {
                Call? call;
                lock (_waiting)
                {
                    if (!_waiting.TryDequeue(out call))
                    {
                        _running = false;
                        return;
                    }
                }
                if (Target.TryGetTarget(out var instance)) { await call.RunOnAsync(instance); }
                else { call.Fail(new ClientNotAvailableException(call.Target)); }
            }
        }
    }
}
