using PiGrid.Grains.Jobs;
using PiGrid.Grains.Scheduling;
using PiGrid.Tests.Simulation;

namespace PiGrid.Benchmarks.Simulation;

/// <summary>
/// Online calls, one replica each, with stalls: latencies with and without hedges at the 95th percentile under a hard budget of 4 % ("The Tail at
/// Scale", Dean and Barroso 2013: p99.9 from 1,800 to 74 ms for 2 %).
/// </summary>
internal static class HedgeExperiment
{
    private const int Warm = 2_000;

    public static IEnumerable<object> Run(ulong seed, SimulationArguments arguments)
    {
        var calls = arguments.Calls ?? 100_000;
        foreach (var ofNodes in new[] { false, true })
        {
            double? without = null;
            foreach (var share in new[] { 0, 0.04 })
            {
                var (times, watch) = Calls(Plan(seed, arguments.Nodes ?? 200, share, ofNodes), calls);
                times.Sort();
                double At(double p) => times[(int)Math.Ceiling(times.Count * p) - 1];
                without ??= At(0.999);
                yield return new
                {
                    stalls = ofNodes ? "of nodes" : "of replicas",
                    hedges = share > 0,
                    calls,
                    p50_ms = Math.Round(At(0.5), 1),
                    p95_ms = Math.Round(At(0.95), 1),
                    p99_ms = Math.Round(At(0.99), 1),
                    p999_ms = Math.Round(At(0.999), 1),
                    max_ms = Math.Round(times[^1], 1),
                    times_lower = Math.Round(without.Value / At(0.999), 1),
                    extra_replicas_percent = Math.Round(100.0 * watch.Hedges / (watch.Replicas - watch.Hedges), 2),
                };
            }
        }
    }

    private static GridPlan Plan(ulong seed, int nodes, double share, bool ofNodes) => new()
    {
        Seed = seed,
        Machines = Enumerable.Range(0, nodes).Select(i => new NodePlan { Owner = i, Slots = 2 }).ToArray(),
        Service = new ServiceTimes
        {
            Median = TimeSpan.FromMilliseconds(100),
            Sigma = 0.3,
            StallShare = 0.005,
            StallMin = TimeSpan.FromSeconds(2),
            StallMax = TimeSpan.FromSeconds(30),
            StallsAreOfNodes = ofNodes,
        },
        LinkMax = TimeSpan.FromMilliseconds(20),
        Scheduling = new SchedulingOptions { HedgeShare = share },
        Jobs = new JobOptions { HedgesPerShardMax = share > 0 ? 2 : 0 },
    };

    /// <summary>Calls at random instants, as many in a second as one node in two has work.</summary>
    private static (List<double> Milliseconds, Watch Watch) Calls(GridPlan plan, int calls)
    {
        var grid = new VirtualGrid(plan);
        var client = new VirtualClient(grid) { LooksAtJobs = false };
        var random = SimRandom.Of(plan.Seed, 11);
        var mean = TimeSpan.FromSeconds(1.0 / (plan.Machines.Count * 2));
        var began = new Dictionary<JobId, DateTimeOffset>();
        var times = new List<double>(calls);
        grid.Watch.OnJobEnded = (job, record) =>
        {
            if (record.State == JobState.Completed && began.Remove(job, out var at))
            {
                times.Add((grid.Queue.Now - at).TotalMilliseconds);
            }
        };
        var number = 0;
        void Call()
        {
            // Calls go on until the last that counts is answered: without calls there is no budget.
            var (counts, at) = (++number > Warm && number <= Warm + calls, grid.Queue.Now);
            client.Submit(1, VerificationPolicy.None, accepted: job =>
            {
                if (counts)
                {
                    began.Add(job, at);
                }
            });
            grid.Queue.After(random.Exponential(mean), Call);
        }

        grid.Start();
        grid.Queue.After(TimeSpan.FromSeconds(5), Call);
        while (times.Count < calls && grid.Queue.RunNext(DateTimeOffset.MaxValue))
        {
        }

        return (times, grid.Watch);
    }
}
