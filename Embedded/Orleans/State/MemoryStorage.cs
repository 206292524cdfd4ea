namespace Orleans.Embedded;

/// <summary>States in memory, isolated by copying as if they were on disk.</summary>
internal sealed class MemoryStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string Name, GrainId Grain), Record> _records = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_records.TryGetValue((stateName, grainId), out var record))
        {
            grainState.State = Codecs.For<T>().Copy((T)record.State!, 0);
            (grainState.ETag, grainState.RecordExists) = (record.ETag, true);
        }
        else { (grainState.State, grainState.ETag, grainState.RecordExists) = (default, null, false); }
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var fresh = new Record(Codecs.For<T>().Copy(grainState.State!, 0), Guid.NewGuid().ToString("N"));
        _records.AddOrUpdate(
            (stateName, grainId),
            _ => grainState.ETag is null ? fresh : throw Stale(null, grainState.ETag),
            (_, old) => old.ETag == grainState.ETag ? fresh : throw Stale(old.ETag, grainState.ETag));
        (grainState.ETag, grainState.RecordExists) = (fresh.ETag, true);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_records.TryGetValue((stateName, grainId), out var old))
        {
            if (old.ETag != grainState.ETag || !_records.TryRemove(new((stateName, grainId), old)))
            {
                throw Stale(old.ETag, grainState.ETag);
            }
        }
        (grainState.State, grainState.ETag, grainState.RecordExists) = (default, null, false);
        return Task.CompletedTask;
    }

    private static InconsistentStateException Stale(string? stored, string? current) =>
        new("The record was written by somebody else.", stored, current);

    private sealed record Record(object? State, string ETag);
}
