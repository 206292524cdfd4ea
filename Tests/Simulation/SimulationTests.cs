using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace PiGrid.Tests.Simulation;

/// <summary>Many small grids with heavy faults. <c>PIGRID_SIM_SEED</c> names one to see again, <c>PIGRID_SIM_SECONDS</c> how long to go on.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const ulong FirstSeed = 20_261_121;
    private const int RunsMin = 20;

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
    public void Grid_WithTheSameSeed_DoesTheSame()
    {
        var first = SimulationRun.Of(FirstSeed);
        Assert.Equal(first.Hash, SimulationRun.Of(FirstSeed).Hash);
        Assert.NotEqual(first.Hash, SimulationRun.Of(FirstSeed + 1).Hash);
        output.WriteLine($"Seed {FirstSeed}: {first.Events} events, hash {first.Hash:x16}.");
    }
}
