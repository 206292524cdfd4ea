using System.Collections.Immutable;
using PiGrid.Grains.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>
/// Hedges: extra replicas against slowness ("The Tail at Scale", Dean and Barroso 2013; MapReduce's backup tasks). A replica that takes longer
/// than the 95th percentile of its kind may be stuck, so one more is wanted as if it did not run; in the tail of a job already one that takes
/// longer than the median. The first valid result wins. How many hedges the grid can afford is the dispatcher's decision: until
/// it gives the hedge to a node, the slow replica may return and the hedge is no longer wanted.
/// </summary>
internal static class HedgeRules
{
    /// <summary>When the replica counts as slow; null when its kind's pace is not known. In the tail one of unknown pace does so at once.</summary>
    public static DateTimeOffset? SlowAt(Replica replica, bool isTail) =>
        replica.Pace is { } pace ? replica.GivenAt + (isTail ? pace.Typical : pace.Slow) : isTail ? replica.GivenAt : null;

    /// <summary>Brings the wanted hedges to the number that would replace the slow replicas.</summary>
    /// <param name="work">The step.</param>
    /// <param name="graph">The results so far.</param>
    /// <param name="running">The replicas that may return a result.</param>
    /// <param name="more">What the quorum lacks beside them.</param>
    public static void Want(ShardWork work, AgreementGraph graph, ImmutableArray<Replica> running, QuorumDecision.NeedMore more)
    {
        var state = work.State;
        var wanted = state.Replicas.Where(r => r is { IsWanted: true, IsHedge: true }).ToArray();
        var (needed, hardwareClass) = Needed(work, graph, running, more);
        foreach (var surplus in wanted.Skip(needed))
        {
            ShardReplicaRules.Drop(work, surplus);
        }

        var left = Math.Min(
            work.Options.HedgesPerShardMax - state.Hedges - wanted.Length,
            work.Options.ReplicasPerShardMax - state.Issued - state.Replicas.Count(r => r.IsWanted));
        for (var i = 0; i < Math.Min(needed - wanted.Length, left); i++)
        {
            ShardReplicaRules.Ask(work, hardwareClass, hedge: true);
        }
    }

    private static (int Count, string? HardwareClass) Needed(
        ShardWork work, AgreementGraph graph, ImmutableArray<Replica> running, QuorumDecision.NeedMore more)
    {
        var prompt = running.Where(r => !(SlowAt(r, work.State.IsTail) <= work.Now)).Select(r => r.HardwareClass!).ToArray();
        return prompt.Length < running.Length
            && PolicyRules.Decide(graph, ShardChecks.AimOf(work.State), prompt, work.Options.ResultsPerShardMax) is QuorumDecision.NeedMore without
                ? (Math.Max(0, without.Count - more.Count), more.HardwareClass ?? without.HardwareClass)
                : (0, null);
    }
}
