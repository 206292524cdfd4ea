using System.Collections.Immutable;
using PiGrid.Verification;

namespace PiGrid.Grains.Verification;

/// <summary>
/// When a shard's results are enough: <c>none</c> takes the first, <c>quorum(k)</c> wants k results from distinct owners that agree pairwise.
/// The largest such group wins, so that where two groups are complete at once the majority decides; the canonical result is its earliest.
/// </summary>
internal static class QuorumRules
{
    /// <summary>What the results so far allow.</summary>
    /// <param name="graph">The results and which of them agree.</param>
    /// <param name="agreeing">How many have to agree.</param>
    /// <param name="running">The hardware classes of the replicas that run and may still return a result, one for each.</param>
    /// <param name="resultsMax">The most results that are compared before the shard is given up.</param>
    public static QuorumDecision Decide(
        AgreementGraph graph, int agreeing, IReadOnlyCollection<string> running, int resultsMax)
    {
        var candidates = graph.Candidates;
        var group = graph.LargestGroup();
        if (group.Length >= agreeing)
        {
            return Accept(graph, group);
        }

        var room = resultsMax - candidates.Length;
        var missing = agreeing - group.Length;
        if (missing > room)
        {
            return new QuorumDecision.GiveUp(
                $"{candidates.Length} results from distinct owners are in and at most {group.Length} of them agree, where "
                + $"{agreeing} must; {resultsMax} results are compared at most (Jobs:ResultsPerShardMax).");
        }

        return graph.Comparator.Kind == ComparatorKind.Exact
            ? NeedMoreOfOneClass(candidates, group, missing, running)
            : new QuorumDecision.NeedMore(Math.Max(0, missing - running.Count), null);
    }

    private static QuorumDecision.Accept Accept(AgreementGraph graph, ImmutableArray<int> group)
    {
        var candidates = graph.Candidates;
        var canonical = group[0];
        var inGroup = group.Select(i => candidates[i].Owner).ToHashSet();

        // A result outside the group can agree with the canonical one and not with another of the group: it was right, so it counts. The
        // second result of an owner never does.
        var agreeing = ImmutableArray.CreateBuilder<LeaseId>();
        var contradicting = ImmutableArray.CreateBuilder<LeaseId>();
        var inconclusive = ImmutableArray.CreateBuilder<LeaseId>();
        for (var i = 0; i < candidates.Length; i++)
        {
            var list = graph[canonical, i] switch
            {
                Agreement.Agree => group.Contains(i) || inGroup.Add(candidates[i].Owner) ? agreeing : inconclusive,
                Agreement.Disagree => contradicting,
                Agreement.Inconclusive => inconclusive,
            };
            list.Add(candidates[i].Lease);
        }

        return new(candidates[canonical].Lease, agreeing.ToImmutable(), contradicting.ToImmutable(), inconclusive.ToImmutable());
    }

    /// <summary>
    /// Exact results can only be expected to agree within one hardware class. The class of the largest group is kept; before there is a
    /// result, that of the first replica that runs; before that, one replica is let out to find a class, and the rest follow it.
    /// </summary>
    private static QuorumDecision.NeedMore NeedMoreOfOneClass(
        ImmutableArray<QuorumCandidate> candidates, ImmutableArray<int> group, int missing, IReadOnlyCollection<string> running)
    {
        var kept = group.IsEmpty ? running.FirstOrDefault() : candidates[group[0]].HardwareClass;
        return kept is null
            ? new(1, null)
            : new(Math.Max(0, missing - running.Count(hardwareClass => hardwareClass == kept)), kept);
    }
}
