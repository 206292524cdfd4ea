namespace Orleans.Embedded;

/// <summary>The streams that callers pull from one activation. Used in its turns only, but for <see cref="Abort"/>.</summary>
internal sealed class Enumerators
{
    private static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(5);
    private readonly Dictionary<Guid, Entry> _entries = [];
    private readonly TaskCompletionSource _aborted = new();

    public Guid Start<T>(IAsyncEnumerable<T> stream, CancellationTokenSource cancellation)
    {
        // Callers that died leave streams behind: each new stream looks for old ones.
        foreach (var (old, entry) in _entries.Where(e => Environment.TickCount64 - e.Value.UsedAt > IdleMax.TotalMilliseconds).ToList())
        {
            _ = EndAsync(old);
        }
        var id = Guid.NewGuid();
        _entries.Add(id, new Entry<T>(stream.GetAsyncEnumerator(cancellation.Token), cancellation));
        return id;
    }

    /// <summary>Waits for an item, then takes along what is there. Answers empty-handed before the caller's timeout.</summary>
    public async Task<StreamBatch<T>> NextAsync<T>(Guid id, int batchSizeMax, TimeSpan responseTimeout)
    {
        if (_aborted.Task.IsCompleted || !_entries.TryGetValue(id, out var found) || found is not Entry<T> entry)
        {
            return new(StreamState.Missing, null);
        }
        entry.UsedAt = Environment.TickCount64;
        var patience = responseTimeout < TimeSpan.FromSeconds(20) ? responseTimeout / 2 : TimeSpan.FromSeconds(10);
        entry.Pending ??= entry.Enumerator.MoveNextAsync().AsTask();
        if (!entry.Pending.IsCompleted)
        {
            using var enough = new CancellationTokenSource();
            await Task.WhenAny(entry.Pending, _aborted.Task, Task.Delay(patience, enough.Token));
            await enough.CancelAsync();
            if (!entry.Pending.IsCompleted)
            {
                return new(_aborted.Task.IsCompleted ? StreamState.Missing : StreamState.Waiting, null);
            }
        }
        return await TakeAsync(id, entry, batchSizeMax);
    }

    public async Task<Unit> EndAsync(Guid id)
    {
        if (_entries.Remove(id, out var entry)) { await entry.EndAsync(); }
        return default;
    }

    /// <summary>Lets waiting pulls go, as the activation ends.</summary>
    public void Abort() => _aborted.TrySetResult();

    public Task DisposeAsync() => Task.WhenAll(_entries.Keys.ToArray().Select(EndAsync));

    private async Task<StreamBatch<T>> TakeAsync<T>(Guid id, Entry<T> entry, int batchSizeMax)
    {
        var items = new List<T>();
        try
        {
            while (entry.Pending is { IsCompleted: true } next && items.Count < batchSizeMax)
            {
                if (next.IsFaulted && items.Count > 0)
                {
                    // The failure comes with the next pull, after the items before it.
                    break;
                }
                if (!await next)
                {
                    await EndAsync(id);
                    return new(StreamState.Completed, items);
                }
                items.Add(entry.Enumerator.Current);
                entry.Pending = items.Count < batchSizeMax ? entry.Enumerator.MoveNextAsync().AsTask() : null;
            }
        }
        catch
        {
            await EndAsync(id);
            throw;
        }
        return new(StreamState.Items, items);
    }

    private abstract class Entry
    {
        public long UsedAt { get; set; } = Environment.TickCount64;

        public abstract Task EndAsync();
    }

    private sealed class Entry<T>(IAsyncEnumerator<T> enumerator, CancellationTokenSource cancellation) : Entry
    {
        public IAsyncEnumerator<T> Enumerator { get; } = enumerator;

        public Task<bool>? Pending { get; set; }

        public override async Task EndAsync()
        {
            await cancellation.CancelAsync();
            if (Pending is { } pending)
            {
                // An iterator must not be disposed while it runs.
                await ((Task)pending).ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
            await Enumerator.DisposeAsync();
            cancellation.Dispose();
        }
    }
}
