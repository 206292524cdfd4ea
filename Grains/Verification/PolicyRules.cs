using System.Collections.Immutable;
using PiGrid.Verification;

namespace PiGrid.Grains.Verification;

/// <summary>
/// When a shard's results are enough, under every policy. An operator node's result, where there is one, decides; until then volunteers' agreement
/// does, as <see cref="QuorumRules"/> says. Where volunteers contradict each other an operator node is asked, so that not the larger party wins but
/// the right one, and the liar is known.
/// </summary>
internal static class PolicyRules
{
    // An adaptive shard in dispute that no operator node can settle: two more than one liar.
    private const int UnsettledAgreeing = 3;

    /// <summary>What the results so far allow.</summary>
    /// <param name="graph">The results and which of them agree.</param>
    /// <param name="aim">What they have to reach.</param>
    /// <param name="running">The hardware classes of the volunteers' replicas that run and may still return a result, one for each.</param>
    /// <param name="resultsMax">How many results are compared before the shard is given up.</param>
    public static QuorumDecision Decide(AgreementGraph graph, ShardAim aim, IReadOnlyCollection<string> running, int resultsMax)
    {
        var word = FirstOf(graph, c => c.Operator);
        if (word >= 0)
        {
            return ByWord(graph, word, aim, running, resultsMax);
        }

        var disputed = IsDisputed(graph);
        var spot = aim.Spot && !disputed;
        if (spot && graph.Candidates.Length > 0)
        {
            return new QuorumDecision.NeedMore(0, ClassOf(graph)) { Spot = true };
        }

        var audit = !spot && !aim.Forgone && (aim.Audit || (disputed && aim.Settles));
        if (audit && WaitsForWord(graph, aim))
        {
            return new QuorumDecision.NeedMore(0, ClassOf(graph)) { Audit = true };
        }

        var agreeing = aim.Kind == PolicyKind.Adaptive && disputed ? Math.Max(aim.Agreeing, UnsettledAgreeing) : aim.Agreeing;
        return QuorumRules.Decide(graph, agreeing, running, resultsMax) switch
        {
            QuorumDecision.Accept when audit && aim.Kind == PolicyKind.Critical => new QuorumDecision.NeedMore(0, ClassOf(graph)) { Audit = true },
            QuorumDecision.Accept accept => accept with { Disputed = disputed },

            // One after the other: where the next may come from depends on where the last one went.
            QuorumDecision.NeedMore more when aim.Kind == PolicyKind.Critical => more with { Count = Math.Min(1, more.Count), Audit = audit },
            QuorumDecision.NeedMore more => more with { Audit = audit },
            var other => other,
        };
    }

    /// <summary>Whether two results contradict each other.</summary>
    public static bool IsDisputed(AgreementGraph graph)
    {
        for (var i = 0; i < graph.Candidates.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (graph[i, j] == Agreement.Disagree)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>A ringer's volunteer comes after the operator's word, or the word after it; an adaptive shard pays for nobody else while the word may settle it.</summary>
    private static bool WaitsForWord(AgreementGraph graph, ShardAim aim) => aim.Ringer || ((aim.After || aim.Kind == PolicyKind.Adaptive) && graph.Candidates.Length > 0);

    private static QuorumDecision ByWord(AgreementGraph graph, int word, ShardAim aim, IReadOnlyCollection<string> running, int resultsMax)
    {
        var candidates = graph.Candidates;
        var agreeing = ImmutableArray.CreateBuilder<LeaseId>();
        var contradicting = ImmutableArray.CreateBuilder<LeaseId>();
        var inconclusive = ImmutableArray.CreateBuilder<LeaseId>();
        var owners = new HashSet<OwnerId>();
        var canonical = word;
        for (var i = 0; i < candidates.Length; i++)
        {
            var relation = graph[word, i];
            var counts = relation == Agreement.Agree && owners.Add(candidates[i].Owner);
            (counts ? agreeing : relation == Agreement.Disagree ? contradicting : inconclusive).Add(candidates[i].Lease);
            canonical = counts && candidates[canonical].Operator && !candidates[i].Operator ? i : canonical;
        }

        var volunteers = candidates.Count(c => !c.Operator);
        var confirmed = candidates.Count(c => !c.Operator && agreeing.Contains(c.Lease));
        var missing = aim.Kind == PolicyKind.Critical ? aim.Agreeing - confirmed : aim.Ringer && volunteers == 0 ? 1 : 0;
        if (missing <= 0)
        {
            return new QuorumDecision.Accept(
                candidates[canonical].Lease, agreeing.ToImmutable(), contradicting.ToImmutable(), inconclusive.ToImmutable()) { Audited = true, Disputed = contradicting.Count > 0 };
        }

        return missing > resultsMax - candidates.Length
            ? new QuorumDecision.GiveUp(
                $"{confirmed} results agree with an operator node's, where {aim.Agreeing} must; {resultsMax} results are compared at most (Jobs:ResultsPerShardMax).")
            : new QuorumDecision.NeedMore(Math.Clamp(missing - running.Count, 0, 1), graph.Comparator.Kind == ComparatorKind.Exact ? ClassOf(graph) : null);
    }

    /// <summary>The hardware class with which others can be compared; null when any can.</summary>
    private static string? ClassOf(AgreementGraph graph) =>
        graph.Comparator.Kind == ComparatorKind.Exact && graph.Candidates.Length > 0 ? graph.Candidates[0].HardwareClass : null;

    private static int FirstOf(AgreementGraph graph, Func<QuorumCandidate, bool> matches)
    {
        for (var i = 0; i < graph.Candidates.Length; i++)
        {
            if (matches(graph.Candidates[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
