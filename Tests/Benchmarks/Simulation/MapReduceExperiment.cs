using PiGrid.Grains.Jobs;
using PiGrid.Tests.Simulation;

namespace PiGrid.Benchmarks.Simulation;

/// <summary>
/// A batch on 1,000 nodes, 11 % of which die at half time and come back after a minute, or never ("MapReduce", Dean and Ghemawat 2004, where 200 of
/// 1,746 workers were killed: 5 % longer). The bound is what the nodes that are left could do at best.
/// </summary>
internal static class MapReduceExperiment
{
    private const double Share = 0.11;
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(60);

    public static IEnumerable<object> Run(ulong seed, SimulationArguments arguments)
    {
        var nodes = arguments.Nodes ?? 1_000;
        var shards = arguments.Shards ?? 50_000;
        var plan = new GridPlan
        {
            Seed = seed,
            Machines = Enumerable.Range(0, nodes).Select(i => new NodePlan { Owner = i }).ToArray(),
            Service = new ServiceTimes { Median = TimeSpan.FromSeconds(10), Sigma = 0.3 },

            // Enough open shards for all nodes; the default is for a grid with many jobs.
            Jobs = new JobOptions { OpenShardsMax = arguments.Open ?? (nodes * 2) },
        };
        var undisturbed = BatchRun.Run(plan, shards, VerificationPolicy.None);
        yield return Row("undisturbed", undisturbed, undisturbed, null);

        var back = BatchRun.Run(plan, shards, VerificationPolicy.None, grid => Kill(grid, undisturbed.Makespan / 2, Away));
        var lost = Share * Away.TotalSeconds / undisturbed.Makespan.TotalSeconds;
        yield return Row("back after 60 s", undisturbed, back, lost * 100);

        var gone = BatchRun.Run(plan, shards, VerificationPolicy.None, grid => Kill(grid, undisturbed.Makespan / 2, null));
        yield return Row("gone for good", undisturbed, gone, ((0.5 + (0.5 / (1 - Share))) - 1) * 100);
    }

    private static void Kill(VirtualGrid grid, TimeSpan after, TimeSpan? away)
    {
        var random = SimRandom.Of(grid.Plan.Seed, 9);
        var victims = grid.Agents.OrderBy(_ => random.Next()).Take((int)(grid.Agents.Length * Share)).ToArray();
        grid.Queue.After(after, () =>
        {
            foreach (var victim in victims)
            {
                victim.Kill();
                if (away is { } time)
                {
                    grid.Queue.After(time, victim.Start);
                }
            }
        });
    }

    private static object Row(string what, BatchResult undisturbed, BatchResult run, double? bound) => new
    {
        what,
        makespan_s = Math.Round(run.Makespan.TotalSeconds, 1),
        longer_percent = Math.Round(((run.Makespan / undisturbed.Makespan) - 1) * 100, 2),
        capacity_bound_percent = bound is { } percent ? Math.Round(percent, 2) : (double?)null,
        replicas = run.Replicas,
        hedges = run.Hedges,
        events = run.Events,
    };
}
