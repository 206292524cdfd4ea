using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Postgres;

namespace PiGrid.Tests.Storage;

/// <summary>A server that goes away and returns.</summary>
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private readonly StoreHealth _health = new();
    private PostgresServer? _server;

    public async Task InitializeAsync() => _server = PostgresServer.SkipReason is null ? await PostgresServer.StartAsync() : null;

    public async Task DisposeAsync() => await (_server?.DisposeAsync() ?? default);

    [PostgresFact]
    public async Task Write_WhileTheServerRestarts_WaitsForItAndIsDoneOnce()
    {
        using var database = Open(TimeSpan.FromMinutes(1));
        var storage = new PostgresGrainStorage(database);
        var states = Enumerable.Range(0, 200).Select(i => new GrainState<List<int>>([i])).ToArray();
        await Task.WhenAll(states.Select((s, i) => storage.WriteStateAsync("note", Grain(i), s)));
        await _server!.StopAsync();

        var writes = states.Select((s, i) =>
        {
            s.State = [-i];
            return storage.WriteStateAsync("note", Grain(i), s);
        }).ToArray();
        var read = storage.ReadStateAsync("note", Grain(7), new GrainState<List<int>>());
        await _server.StartAgainAsync();

        await Task.WhenAll(writes);
        await read;
        for (var i = 0; i < 200; i += 20)
        {
            var state = new GrainState<List<int>>();
            await storage.ReadStateAsync("note", Grain(i), state);
            Assert.Equal((states[i].ETag, -i), (state.ETag, state.State!.Single()));
        }

        Assert.Null(_health.Problem);
    }

    [PostgresFact]
    public async Task Write_WhenTheServerStaysAway_FailsInTime_AndNothingThatWasWrittenIsLost()
    {
        using var database = Open(TimeSpan.FromSeconds(1));
        var storage = new PostgresGrainStorage(database);
        var kept = new GrainState<List<int>>([1]);
        await storage.WriteStateAsync("note", Grain(1), kept);
        var returned = new TaskCompletionSource();
        _health.Returned += returned.SetResult;
        await _server!.StopAsync();

        var writes = Enumerable.Range(2, 600).Select(i => storage.WriteStateAsync("note", Grain(i), new GrainState<List<int>>([i]))).ToArray();
        foreach (var write in writes)
        {
            var failed = await Assert.ThrowsAsync<StorageException>(() => write);
            Assert.True(failed.Away);
            Assert.Contains("cannot be reached", failed.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<StorageException>(() => storage.ReadStateAsync("note", Grain(1), new GrainState<List<int>>()));
        Assert.Equal("the database cannot be reached", _health.Problem);

        await _server.StartAgainAsync();
        while (await database.ProbeAsync(default) is not null)
        {
            await Task.Yield();
        }

        await returned.Task;
        var again = new GrainState<List<int>>();
        await storage.ReadStateAsync("note", Grain(1), again);
        Assert.Equal(kept.ETag, again.ETag);
        await storage.WriteStateAsync("note", Grain(1), kept);
    }

    private static GrainId Grain(int i) => GrainId.Create("job", $"j_{i}");

    private PostgresDatabase Open(TimeSpan wait) => PostgresDatabase.Open(
        new PostgresOptions { Connection = _server!.Connection, OutageWait = wait }, new StorageOptions(), _health, TimeProvider.System);
}
