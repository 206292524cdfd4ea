using PiGrid.Grains.Jobs;
using PiGrid.Grains.Nodes;

namespace PiGrid.Tests.Simulation;

/// <summary>
/// Nodes that fall silent, or whose connection closes, in the middle of a replica, while others are free: how long it takes until their shards have
/// a new replica. No hedges, so that nothing but the silence brings one.
/// </summary>
internal static class SilenceRun
{
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    /// <summary>Runs it.</summary>
    /// <param name="seed">The seed of everything random.</param>
    /// <param name="heartbeat">The time between heartbeats; the default when null.</param>
    /// <param name="nodes">Nodes, half of which work; a quarter falls silent.</param>
    /// <param name="kill">Whether their programs die, so that their connections close; they freeze otherwise.</param>
    /// <param name="noise">What the network does to messages.</param>
    /// <returns>The time of each victim's shard until its new replica, in order: from its node's last word when it froze, from its death otherwise.</returns>
    public static IReadOnlyList<TimeSpan> Measure(ulong seed, TimeSpan? heartbeat, int nodes, bool kill, Noise? noise = null)
    {
        var options = new NodeOptions();
        options.Heartbeat = heartbeat ?? options.Heartbeat;
        var grid = new VirtualGrid(new GridPlan
        {
            Seed = seed,
            Machines = Enumerable.Range(0, nodes).Select(i => new NodePlan { Owner = i }).ToArray(),
            Service = new ServiceTimes { Median = TimeSpan.FromHours(1), Sigma = 0.1 },
            Nodes = options,
            Jobs = new JobOptions { HedgesPerShardMax = 0 },
            Noise = noise ?? Noise.None,
        });
        var working = new Dictionary<NodeId, ShardId>();
        var waiting = new Dictionary<ShardId, DateTimeOffset>();
        var times = new List<TimeSpan>();
        grid.Watch.OnIssued = lease =>
        {
            working[lease.Node] = lease.Shard;
            if (waiting.Remove(lease.Shard, out var since))
            {
                times.Add(grid.Queue.Now - since);
            }
        };
        grid.Start();
        grid.Queue.After(Lead, () => new VirtualClient(grid) { LooksAtJobs = false }.Submit(nodes / 2, VerificationPolicy.None));

        // Some fall silent before their rhythm is known, most after; leases are not over before the last does.
        var random = SimRandom.Of(seed, 12);
        var victims = grid.Agents.OrderBy(_ => random.Next()).Take(nodes / 2).ToArray();
        var struck = 0;
        foreach (var victim in victims)
        {
            grid.Queue.After(random.Between(Lead * 2, TimeSpan.FromMinutes(5)), () =>
            {
                if (struck < nodes / 4 && working.TryGetValue(victim.Id, out var shard) && victim.Busy > 0)
                {
                    struck++;
                    waiting[shard] = kill ? grid.Queue.Now : victim.SpokeAt;
                    Strike(victim, kill);
                }
            });
        }

        var end = grid.Queue.Now + Longest;
        while (grid.Queue.RunNext(end) && (grid.Queue.Elapsed < TimeSpan.FromMinutes(5) || waiting.Count > 0))
        {
        }

        Invariants.Require(waiting.Count == 0, $"{waiting.Count} shards of silent nodes have no new replica after {Longest}.");
        times.Sort();
        return times;
    }

    private static void Strike(VirtualAgent victim, bool kill)
    {
        if (kill)
        {
            victim.Kill();
        }
        else
        {
            victim.Freeze(TimeSpan.FromDays(1));
        }
    }
}
