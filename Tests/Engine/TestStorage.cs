using System.Collections.Concurrent;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace PiGrid.Tests.Engine;

/// <summary>States in memory, as JSON, with versions that a test can disturb.</summary>
public sealed class TestStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string, GrainId), (string Json, int Version)> _records = new();
    private readonly ConcurrentDictionary<GrainId, int> _writes = new();

    public int WritesOf(GrainId grain) => _writes.GetValueOrDefault(grain);

    /// <summary>Writes as another silo would.</summary>
    public void Overwrite<T>(string name, GrainId grain, T state) => _records.AddOrUpdate(
        (name, grain), _ => (JsonSerializer.Serialize(state), 1), (_, old) => (JsonSerializer.Serialize(state), old.Version + 1));

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var exists = _records.TryGetValue((stateName, grainId), out var record);
        grainState.State = exists ? JsonSerializer.Deserialize<T>(record.Json) : Activator.CreateInstance<T>();
        grainState.ETag = exists ? $"{record.Version}" : null;
        grainState.RecordExists = exists;
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Check(stateName, grainId, grainState);
        var version = _records.TryGetValue((stateName, grainId), out var record) ? record.Version + 1 : 1;
        _records[(stateName, grainId)] = (JsonSerializer.Serialize(grainState.State), version);
        _writes.AddOrUpdate(grainId, 1, (_, count) => count + 1);
        await Task.Yield();
        grainState.ETag = $"{version}";
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Check(stateName, grainId, grainState);
        _records.TryRemove((stateName, grainId), out _);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private void Check<T>(string name, GrainId grain, IGrainState<T> state)
    {
        var stored = _records.TryGetValue((name, grain), out var record) ? $"{record.Version}" : null;
        if (stored != state.ETag)
        {
            throw new InconsistentStateException("Somebody else wrote.", stored, state.ETag);
        }
    }
}
