using PiGrid.Grains.Jobs;
using PiGrid.Tests.Simulation;

namespace PiGrid.Benchmarks.Simulation;

/// <summary>A batch during which the silo dies at half time and starts again: what that costs in time and replicas.</summary>
internal static class RestartExperiment
{
    public static IEnumerable<object> Run(ulong seed, SimulationArguments arguments)
    {
        var nodes = arguments.Nodes ?? 1_000;
        var shards = arguments.Shards ?? 20_000;
        var plan = new GridPlan
        {
            Seed = seed,
            Machines = Enumerable.Range(0, nodes).Select(i => new NodePlan { Owner = i }).ToArray(),
            Service = new ServiceTimes { Median = TimeSpan.FromSeconds(20), Sigma = 0.3 },
            Jobs = new JobOptions { OpenShardsMax = nodes * 2 },
        };
        var undisturbed = BatchRun.Run(plan, shards, VerificationPolicy.None);
        yield return Row("undisturbed", undisturbed, undisturbed);
        foreach (var down in new[] { 1, 5, 30 })
        {
            yield return Row($"silo down for {down} s", undisturbed, BatchRun.Run(plan, shards, VerificationPolicy.None, grid => Crash(grid, undisturbed.Makespan / 2, TimeSpan.FromSeconds(down))));
        }
    }

    private static void Crash(VirtualGrid grid, TimeSpan after, TimeSpan down) => grid.Queue.After(after, () =>
    {
        grid.Silo.Crash();
        foreach (var agent in grid.Agents)
        {
            agent.CutLink(atSilo: null, atAgent: TimeSpan.FromMilliseconds(50));
        }

        grid.Queue.After(down, grid.Silo.Start);
    });

    private static object Row(string what, BatchResult undisturbed, BatchResult run) => new
    {
        what,
        makespan_s = Math.Round(run.Makespan.TotalSeconds, 1),
        longer_s = Math.Round((run.Makespan - undisturbed.Makespan).TotalSeconds, 1),
        extra_replicas = run.Replicas - undisturbed.Replicas,
        hedges = run.Hedges,
    };
}
