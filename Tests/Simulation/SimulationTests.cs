using System.Diagnostics;
using System.Globalization;
using PiGrid.Grains.Nodes;
using Xunit.Abstractions;

namespace PiGrid.Tests.Simulation;

/// <summary>Many small grids with heavy faults. <c>PIGRID_SIM_SEED</c> names one to see again, <c>PIGRID_SIM_SECONDS</c> how long to go on.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const ulong FirstSeed = 20_261_121;
    private const int RunsMin = 10;

    [Fact]
    public void Grid_WhenMuchGoesWrong_KeepsItsPromises()
    {
        var time = TimeSpan.FromSeconds(double.TryParse(Environment.GetEnvironmentVariable("PIGRID_SIM_SECONDS"), CultureInfo.InvariantCulture, out var given) ? given : 15);
        var watch = Stopwatch.StartNew();
        var runs = 0;
        var faults = 0;
        for (; runs < RunsMin || watch.Elapsed < time; runs++)
        {
            faults += SimulationRun.Of(FirstSeed + (ulong)runs).Faults.Values.Sum();
        }

        output.WriteLine($"{runs} runs, {faults} faults, seeds from {FirstSeed}, {watch.Elapsed.TotalSeconds:0.0} s.");
    }

    [Fact]
    public void Grid_WhenASeedIsNamed_RunsItAlone()
    {
        if (ulong.TryParse(Environment.GetEnvironmentVariable("PIGRID_SIM_SEED"), out var seed))
        {
            output.WriteLine(SimulationRun.Of(seed).ToString());
        }
    }

    [Fact]
    public void Grid_WhenThousandsOfMachinesComeAndGo_EndsItsWork()
    {
        var machines = Enumerable.Range(0, 2_000).Select(i => new NodePlan
        {
            Owner = i,
            Availability = i % 10 == 0 ? AvailabilityClass.Nights : AvailabilityClass.Traced,
            Sleeps = 0.5,
            Fails = 0.01,
            Wrong = i % 50 == 1 ? 0.2 : 0,
        });
        var grid = new VirtualGrid(new GridPlan
        {
            Seed = FirstSeed,
            Machines = machines.ToArray(),
            Service = new ServiceTimes { Median = TimeSpan.FromSeconds(60) },
            Nodes = new NodeOptions { Heartbeat = TimeSpan.FromSeconds(30) },
        });
        var client = new VirtualClient(grid);
        var faults = new Dictionary<FaultKind, TimeSpan>
        {
            [FaultKind.SiloCrash] = TimeSpan.FromMinutes(5),
            [FaultKind.Split] = TimeSpan.FromMinutes(5),
            [FaultKind.NodeKill] = TimeSpan.FromSeconds(2),
            [FaultKind.LinkSilence] = TimeSpan.FromSeconds(2),
        };
        grid.Start();
        new FaultStorm(grid, SimRandom.Of(FirstSeed, 8), TimeSpan.FromMinutes(15), faults).Start();
        grid.Queue.After(TimeSpan.FromSeconds(5), () => client.Submit(5_000, VerificationPolicy.Quorum(2)));
        while (grid.Watch.JobsEnded == 0 && grid.Queue.RunNext(grid.Queue.Now + TimeSpan.FromHours(1)) && grid.Queue.Elapsed < TimeSpan.FromHours(6))
        {
        }

        client.CheckAllOver();
        Assert.Equal(5_000, grid.Store.Shards.Values.Count(end => end.Outcome.Accepted));
        output.WriteLine($"{grid.Queue.Elapsed} of virtual time, {grid.Queue.Happened} events, {grid.Watch.Replicas / 5_000.0:0.00} replicas a shard.");
    }

    [Fact]
    public void Grid_WithTheSameSeed_DoesTheSame()
    {
        var first = SimulationRun.Of(FirstSeed);
        Assert.Equal(first.Hash, SimulationRun.Of(FirstSeed).Hash);
        Assert.NotEqual(first.Hash, SimulationRun.Of(FirstSeed + 1).Hash);
        output.WriteLine($"Seed {FirstSeed}: {first.Events} events, hash {first.Hash:x16}.");
    }
}
