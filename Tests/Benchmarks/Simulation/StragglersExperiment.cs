using PiGrid.Grains.Jobs;
using PiGrid.Grains.Scheduling;
using PiGrid.Tests.Simulation;

namespace PiGrid.Benchmarks.Simulation;

/// <summary>A batch with stragglers, with and without backup replicas: slow machines, and replicas that stall.</summary>
internal static class StragglersExperiment
{
    public static IEnumerable<object> Run(ulong seed, SimulationArguments arguments)
    {
        foreach (var (what, slowShare, stallShare) in new[] { ("2 % of nodes 5 times slower", 0.02, 0.0), ("0.5 % of replicas stall for 1-5 min", 0, 0.005), ("both", 0.02, 0.005) })
        {
            BatchResult? bare = null;
            foreach (var backups in new[] { false, true })
            {
                var run = BatchRun.Run(Plan(seed, arguments.Nodes ?? 1_000, slowShare, stallShare, backups), arguments.Shards ?? 20_000, VerificationPolicy.None);
                bare ??= run;
                yield return new
                {
                    what,
                    backups,
                    makespan_s = Math.Round(run.Makespan.TotalSeconds, 1),
                    saved_percent = Math.Round((1 - (run.Makespan / bare.Makespan)) * 100, 1),
                    worse_without_percent = Math.Round(((bare.Makespan / run.Makespan) - 1) * 100, 1),
                    extra_replicas_percent = Math.Round(100.0 * run.Hedges / (run.Replicas - run.Hedges), 2),
                };
            }
        }
    }

    private static GridPlan Plan(ulong seed, int nodes, double slowShare, double stallShare, bool backups)
    {
        var random = SimRandom.Of(seed, 10);
        return new GridPlan
        {
            Seed = seed,
            Machines = Enumerable.Range(0, nodes).Select(i => new NodePlan { Owner = i, Slowness = random.Chance(slowShare) ? 5 : 1 }).ToArray(),
            Service = new ServiceTimes
            {
                Median = TimeSpan.FromSeconds(10),
                StallShare = stallShare,
                StallMin = TimeSpan.FromMinutes(1),
                StallMax = TimeSpan.FromMinutes(5),
            },
            Scheduling = new SchedulingOptions { HedgeShare = backups ? 0.04 : 0 },
            Jobs = new JobOptions { HedgesPerShardMax = backups ? 2 : 0, OpenShardsMax = nodes * 2 },
        };
    }
}
