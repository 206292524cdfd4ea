using System.Collections.Immutable;
using PiGrid.Grains.Verification;
using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

public class QuorumRulesTests
{
    private const int ResultsMax = 9;
    private static readonly Comparator Floats = new() { Kind = ComparatorKind.Tensors, Absolute = 1, Relative = 0 };
    private static readonly Comparator Exact = new() { Kind = ComparatorKind.Exact };

    [Fact]
    public void None_WhenNothingIsIn_NeedsOne() => AssertNeeds(1, null, Decide(VerificationPolicy.None, Floats, [], []));

    [Fact]
    public void None_WhenOneIsIn_AcceptsIt() =>
        Assert.Equal(Lease(0), Assert.IsType<QuorumDecision.Accept>(Decide(VerificationPolicy.None, Floats, [], [(0, 5)])).Canonical);

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    [InlineData(5, 0)]
    public void Quorum_WhenSomeRun_NeedsTheRest(int running, int needed) =>
        AssertNeeds(needed, null, Decide(Two, Floats, Running(running), []));

    [Fact]
    public void Quorum_WhenTwoAgree_AcceptsTheEarlier()
    {
        var accept = Assert.IsType<QuorumDecision.Accept>(Decide(Two, Floats, [], [(0, 50), (1, 5), (2, 5.5f)]));

        Assert.Equal(Lease(1), accept.Canonical);
        AssertLeases(accept.Agreeing, 1, 2);
        AssertLeases(accept.Contradicting, 0);
        Assert.Empty(accept.Inconclusive);
    }

    [Fact]
    public void Quorum_WhenTwoDisagree_NeedsOneMore() => AssertNeeds(1, null, Decide(Two, Floats, [], [(0, 0), (1, 50)]));

    [Fact]
    public void Quorum_WhenOneOwnerReturnsTwice_CountsItOnce()
    {
        var candidates = Candidates([(0, 5), (1, 5)], owner: _ => 7);
        AssertNeeds(1, null, QuorumRules.Decide(new AgreementGraph(candidates, Floats), Two.Agreeing, [], ResultsMax));

        var withAnother = candidates.Add(Candidate(2, 2, 5));
        var accept = Assert.IsType<QuorumDecision.Accept>(QuorumRules.Decide(new AgreementGraph(withAnother, Floats), Two.Agreeing, [], ResultsMax));
        AssertLeases(accept.Agreeing, 0, 2);
        AssertLeases(accept.Inconclusive, 1);
    }

    [Fact]
    public void Quorum_WhenNearIsNotTransitive_WantsAClique()
    {
        // 0 is near 1 and 1 is near 2, but 0 is not near 2: that is no group of three.
        AssertNeeds(1, null, Decide(VerificationPolicy.Quorum(3), Floats, [], [(0, 0), (1, 0.9f), (2, 1.8f)]));

        var accept = Assert.IsType<QuorumDecision.Accept>(Decide(VerificationPolicy.Quorum(3), Floats, [], [(0, 0), (1, 0.9f), (2, 1.8f), (3, 1)]));
        Assert.Equal(Lease(0), accept.Canonical);
        AssertLeases(accept.Agreeing, 0, 1, 3);
        AssertLeases(accept.Inconclusive, 2);
        Assert.Empty(accept.Contradicting);
    }

    [Fact]
    public void Quorum_WhenTwoGroupsAreComplete_AcceptsTheLarger() =>
        Assert.Equal(Lease(2), Assert.IsType<QuorumDecision.Accept>(Decide(Two, Floats, [], [(0, 50), (1, 50), (2, 0), (3, 0), (4, 0)])).Canonical);

    [Fact]
    public void Quorum_WhenDigestsAreEqual_AgreesWithoutComparing()
    {
        // NaN agrees with nothing, so only the digests can say it.
        var accept = Assert.IsType<QuorumDecision.Accept>(Decide(Two, Floats, [], [(0, float.NaN), (1, float.NaN)]));
        Assert.Equal(Lease(0), accept.Canonical);
    }

    [Fact]
    public void Quorum_WhenTooFewMayStillCome_GivesUp()
    {
        AssertNeeds(1, null, Decide(Two, Floats, [], [.. Enumerable.Range(0, 8).Select(i => (i, i * 50f))]));
        var giveUp = Assert.IsType<QuorumDecision.GiveUp>(Decide(Two, Floats, [], [.. Enumerable.Range(0, 9).Select(i => (i, i * 50f))]));
        Assert.Contains("9 results", giveUp.Reason, StringComparison.Ordinal);
        Assert.IsType<QuorumDecision.GiveUp>(Decide(VerificationPolicy.Quorum(3), Floats, [], [.. Enumerable.Range(0, 8).Select(i => (i, i * 50f))]));
    }

    [Fact]
    public void Exact_WhenNothingRuns_LetsOneFindAClass()
    {
        AssertNeeds(1, null, Decide(Two, Exact, [], []));
        AssertNeeds(1, "x64", Decide(Two, Exact, ["x64"], []));
        AssertNeeds(0, "x64", Decide(Two, Exact, ["x64", "x64"], []));
        AssertNeeds(1, "x64", Decide(Two, Exact, ["x64", "arm64"], []));
    }

    [Fact]
    public void Exact_WhenClassesDiffer_HoldsItAgainstNobody()
    {
        var candidates = ImmutableArray.Create(Candidate(0, 0, 1, "arm64"), Candidate(1, 1, 2), Candidate(2, 2, 2), Candidate(3, 3, 3));
        var accept = Assert.IsType<QuorumDecision.Accept>(QuorumRules.Decide(new AgreementGraph(candidates, Exact), Two.Agreeing, [], ResultsMax));

        AssertLeases(accept.Agreeing, 1, 2);
        AssertLeases(accept.Inconclusive, 0);
        AssertLeases(accept.Contradicting, 3);
    }

    [Fact]
    public void Exact_WhenAResultIsIn_StaysInItsClass() =>
        AssertNeeds(1, "x64", Decide(Two, Exact, ["arm64"], [(0, 1)]));

    internal static VerificationPolicy Two => VerificationPolicy.Quorum(2);

    internal static LeaseId Lease(int number) => LeaseId.FromBytes([.. BitConverter.GetBytes(number), .. new byte[12]]);

    internal static OwnerId Owner(int number) => OwnerId.FromBytes([.. BitConverter.GetBytes(number), .. new byte[12]]);

    internal static QuorumCandidate Candidate(int lease, int owner, float value, string hardwareClass = "x64")
    {
        var output = Samples.Output(Samples.Floats(value));
        return new(Lease(lease), Owner(owner), CanonicalJson.Digest(output), hardwareClass, output);
    }

    private static ImmutableArray<QuorumCandidate> Candidates((int Lease, float Value)[] results, Func<int, int>? owner = null) =>
        [.. results.Select(r => Candidate(r.Lease, owner?.Invoke(r.Lease) ?? r.Lease, r.Value))];

    private static string[] Running(int count) => Enumerable.Repeat("x64", count).ToArray();

    private static QuorumDecision Decide(
        VerificationPolicy policy, Comparator comparator, string[] running, (int Lease, float Value)[] results) =>
        QuorumRules.Decide(new AgreementGraph(Candidates(results), comparator), policy.Agreeing, running, ResultsMax);

    private static void AssertLeases(IEnumerable<LeaseId> actual, params int[] expected) => Assert.Equal(expected.Select(Lease), actual);

    private static void AssertNeeds(int count, string? hardwareClass, QuorumDecision decision) =>
        Assert.Equal(new QuorumDecision.NeedMore(count, hardwareClass), decision);
}
