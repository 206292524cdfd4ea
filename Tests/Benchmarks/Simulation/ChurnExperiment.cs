using PiGrid.Grains.Jobs;
using PiGrid.Grains.Nodes;
using PiGrid.Grains.Scheduling;
using PiGrid.Tests.Simulation;

namespace PiGrid.Benchmarks.Simulation;

/// <summary>
/// A day with volunteers' machines that come and go as in published traces: how much of the time that they are on becomes accepted work, and how many
/// replicas a shard takes. The bound is the machines' time over the mean time of a replica, divided by the quorum.
/// </summary>
internal static class ChurnExperiment
{
    private static readonly TimeSpan Sample = TimeSpan.FromMinutes(1);

    public static IEnumerable<object> Run(ulong seed, SimulationArguments arguments)
    {
        var hours = arguments.Hours ?? 24;
        foreach (var (what, policy) in new[] { ("none", VerificationPolicy.None), ("quorum(2)", VerificationPolicy.Quorum(2)) })
        {
            var plan = Plan(seed, arguments.Nodes ?? 5_000);
            var grid = new VirtualGrid(plan);
            var client = new VirtualClient(grid) { LooksAtJobs = false };
            double onHours = 0;
            void Look()
            {
                onHours += grid.Agents.Count(agent => agent.IsAwake) * Sample.TotalHours;
                grid.Queue.After(Sample, Look);
            }

            grid.Start();
            grid.Queue.After(TimeSpan.FromSeconds(5), () =>
            {
                Look();
                client.Submit(10_000_000, policy);
            });
            var end = grid.Queue.Now + TimeSpan.FromHours(hours);
            while (grid.Queue.RunNext(end))
            {
            }

            var mean = plan.Service.Median * Math.Exp(plan.Service.Sigma * plan.Service.Sigma / 2);
            var bound = onHours / mean.TotalHours / policy.Agreeing;
            yield return new
            {
                policy = what,
                nodes = plan.Machines.Count,
                on_percent = Math.Round(100 * onHours / (plan.Machines.Count * (double)hours), 1),
                accepted = grid.Watch.Accepted,
                given_up = grid.Watch.GivenUp,
                per_hour = Math.Round(grid.Watch.Accepted / (double)hours),
                of_bound_percent = Math.Round(100 * grid.Watch.Accepted / bound, 1),
                replicas_per_shard = Math.Round((double)grid.Watch.Replicas / grid.Watch.Accepted, 3),
                hedges_percent = Math.Round(100.0 * grid.Watch.Hedges / (grid.Watch.Replicas - grid.Watch.Hedges), 2),
                events = grid.Queue.Happened,
            };
        }
    }

    private static GridPlan Plan(ulong seed, int nodes) => new()
    {
        Seed = seed,
        EndsKept = 100_000,
        Machines = Enumerable.Range(0, nodes).Select(i => new NodePlan
        {
            Owner = i,
            Availability = i % 10 == 0 ? AvailabilityClass.Nights : AvailabilityClass.Traced,
            Sleeps = 0.5,
        }).ToArray(),
        Service = new ServiceTimes { Median = TimeSpan.FromMinutes(2), Sigma = 0.3 },
        Nodes = new NodeOptions { Heartbeat = TimeSpan.FromSeconds(30) },

        // Always enough to do; shards that wait ask rarely, since in this grid no request is lost.
        Jobs = new JobOptions { OpenShardsMax = nodes, AskAgain = TimeSpan.FromMinutes(10) },
        Scheduling = new SchedulingOptions { RequestLifetime = TimeSpan.FromHours(1) },
    };
}
