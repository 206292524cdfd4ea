namespace Orleans.Embedded;

/// <summary>The streams that callers pull from one activation. Used in its turns only, but for <see cref="Abort"/>.</summary>
internal sealed class Enumerators(TimeSpan responseTimeout) : IStreamParts {
    private static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(5);
    private readonly Dictionary<Guid, Entry> _entries = [];
    private readonly TaskCompletionSource<bool> _aborted = new();

    public Guid Add(Entry entry) {
        // Callers that died leave streams behind: each new stream looks for old ones.
        foreach (var old in _entries.Where(e => Environment.TickCount64 - e.Value.UsedAt > IdleMax.TotalMilliseconds).ToList()) {
            _ = End(old.Key);
        }
        var id = Guid.NewGuid();
        _entries.Add(id, entry);
        return id;
    }

    /// <summary>Waits for an item, then takes along what is there. Answers empty-handed before the caller's timeout.</summary>
    public async Task<StreamBatch> Next(Guid id, int batchSizeMax, CancellationToken cancellationToken) {
        if (_aborted.Task.IsCompleted || !_entries.TryGetValue(id, out var entry)) { return new(StreamState.Missing); }
        entry.UsedAt = Environment.TickCount64;
        using var patience = new CancellationTokenSource();
        var wait = Task.Delay(responseTimeout < TimeSpan.FromSeconds(20) ? responseTimeout / 2 : TimeSpan.FromSeconds(10), patience.Token);
        if (!entry.Pending.IsCompleted) { await Task.WhenAny(entry.Pending, _aborted.Task, wait); }
        await patience.CancelAsync();
        if (!entry.Pending.IsCompleted) { return new(_aborted.Task.IsCompleted ? StreamState.Missing : StreamState.Waiting); }
        var batch = entry.Take(batchSizeMax);
        if (batch.State == StreamState.Completed) { await End(id); }
        return batch;
    }

    public async Task End(Guid id) {
        if (_entries.Remove(id, out var entry)) { await entry.EndAsync(); }
    }

    public void Abort() => _aborted.TrySetResult(true);

    public Task EndAllAsync() => Task.WhenAll(_entries.Keys.ToArray().Select(End));

    internal abstract class Entry {
        private Task<bool>? _pending;

        public long UsedAt { get; set; } = Environment.TickCount64;

        /// <summary>The step to the next item; started when first asked for.</summary>
        public Task<bool> Pending => _pending ??= MoveAsync();

        public abstract StreamBatch Take(int batchSizeMax);

        public abstract Task EndAsync();

        protected abstract Task<bool> MoveAsync();

        protected void Advance() => _pending = null;

        protected Task Started => _pending ?? Task.CompletedTask;
    }

    internal sealed class Entry<T>(IAsyncEnumerable<T> items, CancellationTokenSource cancellation) : Entry {
        private readonly IAsyncEnumerator<T> _stream = items.GetAsyncEnumerator(cancellation.Token);

        public override StreamBatch Take(int batchSizeMax) {
            var items = new List<T>();
            // A failure after items comes with the next pull.
            while (items.Count < batchSizeMax && Pending.IsCompleted && (items.Count == 0 || !Pending.IsFaulted)) {
                if (!Pending.GetAwaiter().GetResult()) { return new(StreamState.Completed, items); }
                items.Add(_stream.Current);
                Advance();
            }
            return new(StreamState.Items, items);
        }

        public override async Task EndAsync() {
            await cancellation.CancelAsync();
            // An iterator must not be disposed while it runs.
            await Started.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await _stream.DisposeAsync();
        }

        protected override Task<bool> MoveAsync() => _stream.MoveNextAsync().AsTask();
    }
}
