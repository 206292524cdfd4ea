using System.Collections.Immutable;
using PiGrid.Grains.Verification;
using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

/// <summary>What holds for every set of results, on results that FsCheck makes up: near ones, apart ones, several of an owner.</summary>
public class QuorumProperties
{
    private const int ResultsMax = 9;

    [Fact]
    public void Accepting_Always_RestsOnDistinctOwnersThatAgreePairwise() => Dice.Check(500, dice =>
    {
        var (candidates, policy, comparator) = Case(dice);
        var decision = QuorumRules.Decide(new AgreementGraph(candidates, comparator), policy.Agreeing, [], ResultsMax);

        if (decision is QuorumDecision.Accept accept)
        {
            var agreeing = candidates.Where(c => accept.Agreeing.Contains(c.Lease)).ToArray();
            Assert.True(agreeing.Select(c => c.Owner).Distinct().Count() >= policy.Agreeing);
            Assert.Equal(agreeing.Length, agreeing.Select(c => c.Owner).Distinct().Count());
            Assert.Contains(Cliques(candidates, comparator), clique => clique.Count == policy.Agreeing && clique.Any(c => c.Lease == accept.Canonical));
            Assert.Equal(
                candidates.Select(c => c.Lease).Order(Comparer<LeaseId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))),
                accept.Agreeing.Concat(accept.Contradicting).Concat(accept.Inconclusive)
                    .Order(Comparer<LeaseId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))));
        }
    });

    [Fact]
    public void Deciding_Always_FindsAGroupIfThereIsOne() => Dice.Check(500, dice =>
    {
        // Against plain enumeration of all subsets.
        var (candidates, policy, comparator) = Case(dice);
        var decision = QuorumRules.Decide(new AgreementGraph(candidates, comparator), policy.Agreeing, [], ResultsMax);
        var largest = Cliques(candidates, comparator).Max(clique => clique.Count);

        Assert.Equal(largest >= policy.Agreeing, decision is QuorumDecision.Accept);
        if (decision is QuorumDecision.NeedMore more && comparator.Kind != ComparatorKind.Exact)
        {
            Assert.Equal(policy.Agreeing - largest, more.Count);
        }
    });

    [Fact]
    public void Deciding_WhenResultsArriveInAnotherOrder_DecidesTheSameWay() => Dice.Check(500, dice =>
    {
        var (candidates, policy, comparator) = Case(dice);
        var shuffled = dice.Shuffle(candidates).ToImmutableArray();
        var decision = QuorumRules.Decide(new AgreementGraph(candidates, comparator), policy.Agreeing, [], ResultsMax);
        var other = QuorumRules.Decide(new AgreementGraph(shuffled, comparator), policy.Agreeing, [], ResultsMax);

        Assert.Equal(decision.GetType(), other.GetType());
        var largest = Cliques(candidates, comparator).Where(clique => clique.Count >= policy.Agreeing)
            .GroupBy(clique => clique.Count).MaxBy(group => group.Key)?.ToArray();
        if (other is QuorumDecision.Accept accept && largest is [var only])
        {
            // With one largest group, only the order within it picks the canonical result.
            Assert.Equal(shuffled.First(only.Contains).Lease, accept.Canonical);
        }
    });

    [Fact]
    public void Deciding_WhenAskedForMoreEachTime_EndsWithinTheBound() => Dice.Check(300, dice =>
    {
        var comparator = Comparator(dice);
        var policy = Policy(dice);
        ImmutableArray<QuorumCandidate> candidates = [];
        while (QuorumRules.Decide(new AgreementGraph(candidates, comparator), policy.Agreeing, [], ResultsMax) is QuorumDecision.NeedMore more)
        {
            Assert.InRange(more.Count, 1, policy.Agreeing);
            candidates = candidates.Add(Candidate(dice, candidates.Length, owner: candidates.Length));
            Assert.True(candidates.Length <= ResultsMax);
        }
    });

    [Fact]
    public void Liars_WhenFewerThanTheQuorum_AreNeverAccepted() => Dice.Check(300, dice =>
    {
        // k - 1 colluders tell one lie; the honest results are near each other and far from it.
        var policy = VerificationPolicy.Quorum(2 + dice.Below(3));
        var comparator = new Comparator { Kind = ComparatorKind.Tensors, Absolute = 1, Relative = 0 };
        var results = dice.Shuffle(Enumerable.Range(0, policy.Agreeing - 1 + dice.Below(7)))
            .Select(i => QuorumRulesTests.Candidate(i, i, i < policy.Agreeing - 1 ? 100 : dice.Below(10) / 10f)).ToImmutableArray();

        var decision = QuorumRules.Decide(new AgreementGraph(results, comparator), policy.Agreeing, [], ResultsMax);

        if (decision is QuorumDecision.Accept accept)
        {
            var liars = Enumerable.Range(0, policy.Agreeing - 1).Select(QuorumRulesTests.Lease).ToArray();
            Assert.Empty(accept.Agreeing.Intersect(liars));
            Assert.Empty(accept.Contradicting.Except(liars));
        }
    });

    [Fact]
    public void Forgers_WhoseResultAnHonestOneConfirms_GetNoHonestOneRejected() => Dice.Check(500, dice =>
    {
        // Honest results are all near each other. A forger may lie just within tolerance of some of them and just outside that of others.
        var comparator = new Comparator { Kind = ComparatorKind.Tensors, Absolute = 1, Relative = 0 };
        var policy = VerificationPolicy.Quorum(2 + dice.Below(3));
        var honest = Enumerable.Range(0, 1 + dice.Below(5)).ToHashSet();
        var results = dice.Shuffle(Enumerable.Range(0, honest.Count + dice.Below(4)))
            .Select(i => QuorumRulesTests.Candidate(i, i, (honest.Contains(i) ? dice.Below(10) : dice.Below(60) - 25) / 10f)).ToImmutableArray();

        if (QuorumRules.Decide(new AgreementGraph(results, comparator), policy.Agreeing, [], ResultsMax) is QuorumDecision.Accept accept)
        {
            var leases = honest.Select(QuorumRulesTests.Lease).ToArray();
            Assert.True(!accept.Agreeing.Intersect(leases).Any() || !accept.Contradicting.Intersect(leases).Any());
        }
    });

    private static (ImmutableArray<QuorumCandidate> Candidates, VerificationPolicy Policy, Comparator Comparator) Case(Dice dice) =>
        ([.. Enumerable.Range(0, dice.Below(9)).Select(i => Candidate(dice, i, dice.Once(4) ? 0 : i))], Policy(dice), Comparator(dice));

    private static QuorumCandidate Candidate(Dice dice, int lease, int owner) =>
        QuorumRulesTests.Candidate(lease, owner, dice.Below(5) * 0.7f, dice.OneOf("x64", "x64", "arm64"));

    private static VerificationPolicy Policy(Dice dice) => dice.Once(6) ? VerificationPolicy.None : VerificationPolicy.Quorum(2 + dice.Below(3));

    private static Comparator Comparator(Dice dice) =>
        new() { Kind = dice.Once(4) ? ComparatorKind.Exact : ComparatorKind.Tensors, Absolute = 1, Relative = 0 };

    /// <summary>Every set of results from distinct owners that agree pairwise.</summary>
    private static List<List<QuorumCandidate>> Cliques(ImmutableArray<QuorumCandidate> candidates, Comparator comparator) =>
        Enumerable.Range(0, 1 << candidates.Length)
            .Select(bits => candidates.Where((_, i) => (bits & (1 << i)) != 0).ToList())
            .Where(set => set.All(a => set.All(b => a == b || (a.Owner != b.Owner && AgreementGraph.Relate(comparator, a, b) == Agreement.Agree))))
            .ToList();
}
