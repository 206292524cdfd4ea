using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using PiGrid.Grains.Telemetry;

namespace PiGrid.Silo.Telemetry;

/// <summary>A store of grains' states whose writes are timed.</summary>
internal sealed class MeteredStorage(IGrainStorage store, string name, GridMetrics metrics, TimeProvider time) : IGrainStorage
{
    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => store.ReadStateAsync(stateName, grainId, grainState);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => TimedAsync(store.WriteStateAsync(stateName, grainId, grainState));

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => TimedAsync(store.ClearStateAsync(stateName, grainId, grainState));

    private async Task TimedAsync(Task write)
    {
        var start = time.GetTimestamp();
        var failed = true;
        try
        {
            await write;
            failed = false;
        }
        finally
        {
            metrics.StateWritten(name, failed, time.GetElapsedTime(start));
        }
    }
}
