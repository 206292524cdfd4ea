using PiGrid.Grains.Online;
using PiGrid.Grains.Shards;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Tests.Shards;

namespace PiGrid.Tests.Online;

/// <summary>Whether a first result is repeated before it is answered, and what an answer is worth.</summary>
public class OnlineRulesTests
{
    private static readonly TrustOptions Options = new() { OnlineEpsilon = 2e-3, OnlineCheckRate = 0.1 };

    [Theory]
    [InlineData(0, false, 0.0, false, false)]
    [InlineData(1, false, 0.0, false, false)]
    [InlineData(1, true, 0.0, true, true)]
    [InlineData(2, false, 0.0, true, false)]
    [InlineData(2, true, 0.0, true, false)]
    [InlineData(2, true, 0.9999, false, false)]
    public void FirstCheck_OfAnUnknownNode_IsByWhoeverIsThere(int owners, bool hasOperator, double roll, bool isChecked, bool byOperator)
    {
        var check = OnlineRules.FirstCheck(passed: Options.ProbationChecks, View(new CheckLedger(), owners, hasOperator), roll, Options);

        Assert.Equal(isChecked, check is not null);
        Assert.Equal(byOperator, check?.Audit ?? false);
        Assert.Equal(byOperator ? 1 : 2, check?.Agreeing ?? (byOperator ? 1 : 2));
    }

    [Fact]
    public void FirstCheck_OfANodeOnProbation_IsAlwaysWanted() =>
        Assert.NotNull(OnlineRules.FirstCheck(Options.ProbationChecks - 1, View(Clean(100_000), 2, hasOperator: false), 0.999999, Options));

    [Fact]
    public void FirstCheck_OfATrustedNode_IsDrawnAtTheRate()
    {
        var view = View(Clean(100_000), 2, hasOperator: true);

        Assert.NotNull(OnlineRules.FirstCheck(1000, view, 0.0999, Options));
        Assert.Null(OnlineRules.FirstCheck(1000, view, 0.1001, Options));
    }

    [Fact]
    public void Credibility_Always_GrowsWithWhoeverConfirmsLater()
    {
        var view = View(Clean(10_000), 2, hasOperator: true);
        var one = OnlineRules.Credibility(Accept(audited: false, Witness(1, 0, 2)), view);
        var together = OnlineRules.Credibility(Accept(audited: false, Witness(1, 0, 2), Witness(2, 1, 4)), view);
        var after = OnlineRules.Credibility(Accept(audited: false, Witness(1, 0, 2), Witness(2, 3, 4)), view);

        Assert.InRange(one, 0.9, 0.9999);
        Assert.Equal(one, together);
        Assert.True(after > one);
        Assert.Equal(1 - ((1 - one) * view.Saboteurs), after, 12);
        Assert.Equal(1, OnlineRules.Credibility(Accept(audited: true, Witness(1, 0, 2)), view));
    }

    [Fact]
    public void Credibility_WhenNothingIsKnown_IsNone() =>
        Assert.Equal(0, OnlineRules.Credibility(Accept(audited: false, Witness(1, 0, 2)), View(new CheckLedger(), 1, hasOperator: false)));

    [Theory]
    [InlineData(false, false, InferenceFailureCode.NoNode, "none that fits became free")]
    [InlineData(true, false, InferenceFailureCode.TimedOut, "No result came")]
    [InlineData(true, true, InferenceFailureCode.TimedOut, "nobody confirmed it")]
    public void TimeUp_Always_SaysWhatWasMissing(bool wasGiven, bool isChecking, InferenceFailureCode code, string says)
    {
        var failure = OnlineRules.TimeUp(wasGiven, isChecking, queued: null, TimeSpan.FromSeconds(1.5));

        Assert.Equal(code, failure.Code);
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
        Assert.Contains("1.5 s", failure.Message, StringComparison.Ordinal);
    }

    private static OnlineView View(CheckLedger ledger, int owners, bool hasOperator) =>
        new(new WorkForecast(owners, 0, null) { Owners = owners, HasOperator = hasOperator }, ledger, Saboteurs: 0.2);

    private static CheckLedger Clean(int checks)
    {
        var ledger = new CheckLedger();
        for (var i = 0; i < checks; i++)
        {
            ledger.Add(1000, failed: false);
        }

        return ledger;
    }

    private static ShardWitness Witness(int n, long asked, long returned) => new(ShardBench.Node(n), ShardBench.Owner(n), 1000, asked, returned);

    private static ShardCommand.Accept Accept(bool audited, params ShardWitness[] witnesses) =>
        new(new Replica { Request = Guid.Empty, AskedAt = default }, [], [], audited) { Witnesses = [.. witnesses], Judged = [] };
}
