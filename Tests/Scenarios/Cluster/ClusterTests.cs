using System.Diagnostics;
using PiGrid.Silo.Hosting;
using PiGrid.Tests.Scenarios.Faults;
using Xunit.Abstractions;

namespace PiGrid.Tests.Scenarios.Cluster;

/// <summary>Two silos that are one grid: one is killed, or stopped as in an upgrade, while jobs run. Nothing accepted is lost, and nothing is accepted twice.</summary>
[Collection(RealProcesses.Name)]
public sealed class ClusterTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int Volunteers = 3, Jobs = 4, Shards = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-cluster-").FullName;
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(10));
    private readonly Witness _witness = new();
    private PostgresServer _postgres = null!;
    private string _connection = "";

    public async Task InitializeAsync()
    {
        if (new ClusterFactAttribute().Skip is null)
        {
            _postgres = await PostgresServer.StartAsync();
            _connection = await _postgres.CreateDatabaseAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _limit.Dispose();

    [ClusterFact]
    public async Task Jobs_WhenASiloIsKilled_GoOnAtTheOther()
    {
        await using var grid = await ClusterGrid.StartAsync(_folder, _connection, Volunteers, _limit.Token);
        foreach (var silo in grid.Silos)
        {
            await DisturbAsync(grid, async () =>
            {
                await silo.KillAsync();
                grid.Lead();
            });
            await silo.StartAsync();
            grid.Lead();
        }

        Assert.Empty(_witness.Violations);
    }

    [ClusterFact]
    public async Task Jobs_WhenSilosAreStoppedInTurn_GoOn()
    {
        await using var grid = await ClusterGrid.StartAsync(_folder, _connection, Volunteers, _limit.Token);
        foreach (var silo in grid.Silos)
        {
            await DisturbAsync(grid, async () =>
            {
                var exit = silo.TerminateAsync();
                grid.Lead();
                Assert.Equal(0, await exit);
            });
            await silo.StartAsync();
            grid.Lead();
        }

        Assert.Empty(_witness.Violations);
    }

    [ClusterFact]
    public async Task Jobs_WhenASiloFreezes_GoOnAtTheOther()
    {
        await using var grid = await ClusterGrid.StartAsync(_folder, _connection, Volunteers, _limit.Token);
        await DisturbAsync(grid, () =>
        {
            grid.Silos[0].Freeze();
            grid.Lead();
            return Task.CompletedTask;
        });

        // It finds that the other has given it up, and must not go on as if it had not.
        grid.Silos[0].Process.Thaw();
        Assert.NotEqual((int)ExitCode.Ok, await grid.Silos[0].Process.ExitAsync().WaitAsync(_limit.Token));
        await _witness.CheckAsync(_witness.Jobs, grid);
        Assert.Empty(_witness.Violations);
    }

    [ClusterFact]
    public async Task Silo_WithAnotherKey_IsRefused()
    {
        await using var grid = await ClusterGrid.StartAsync(_folder, _connection, volunteers: 1, _limit.Token);
        await using var stranger = new ClusterSilo("stranger", _folder, grid.Logs, ["--postgres", _connection]);

        await using var process = stranger.Launch([]);

        Assert.Equal((int)ExitCode.DataFolder, await process.ExitAsync().WaitAsync(_limit.Token));
        Assert.Contains("Silo:Shared", process.Tail, StringComparison.Ordinal);
    }

    // Jobs run; when a result is on its way, the grid is harmed; in the end every job is complete and right.
    private async Task DisturbAsync(ClusterGrid grid, Func<Task> harm)
    {
        var requester = new Requester(grid, _witness);
        var dice = new Random(7);
        await grid.UntilOnlineAsync(_limit.Token);
        var result = grid.Moments.WaitAsync("result", TimeSpan.FromMinutes(1));
        var jobs = new List<PromisedJob>();
        for (var i = 0; i < Jobs; i++)
        {
            jobs.Add(await requester.SubmitAsync(Shards, dice, _limit.Token));
        }

        Assert.True(await result, "No result came.");
        var known = await Task.WhenAll(jobs.Select(job => grid.Client.FindJobAsync(job.Id, _limit.Token)));
        var before = Stopwatch.GetTimestamp();
        await harm();
        Assert.True(await grid.Moments.WaitAsync(Moments.ShardAccepted, TimeSpan.FromMinutes(5)), "No shard was accepted after the harm.");
        output.WriteLine($"A shard is accepted {Stopwatch.GetElapsedTime(before).TotalSeconds:0.0} s after the harm.");
        await Task.WhenAll(known.Select(job => grid.UntilMovesAsync(job!, _limit.Token)));
        output.WriteLine($"All {known.Count(job => !job!.IsTerminal)} open jobs move {Stopwatch.GetElapsedTime(before).TotalSeconds:0.0} s after the harm.");
        await requester.UntilDoneAsync(_limit.Token);
        output.WriteLine($"All work has ended {Stopwatch.GetElapsedTime(before).TotalSeconds:0.0} s after the harm.");
        await _witness.CheckAsync(_witness.Jobs, grid);
    }
}
