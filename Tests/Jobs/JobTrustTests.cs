using PiGrid.Grains.Jobs;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Tests.Shards;

namespace PiGrid.Tests.Jobs;

/// <summary>What an adaptive job wants checked, and what it takes back.</summary>
public class JobTrustTests
{
    private const double Never = 0.999999;
    private static readonly TrustOptions Options = new();

    [Fact]
    public void FirstResult_WhenItsNodeIsNew_IsRepeatedByAnotherOwner()
    {
        var (before, checks) = Job(4).Close(Outcome(0, 1), Never);

        Assert.Null(before);
        Assert.Equivalent(new ShardCheck { Agreeing = 2 }, Assert.Single(checks).Value);
    }

    [Fact]
    public void FirstResult_WhenItsNodeIsTrusted_IsRepeatedAtTheSpotCheckRate()
    {
        var trusted = Outcome(0, 1) with { Witnesses = new[] { Witness(1, passed: 1_000) } };

        var known = new CheckLedger();
        for (var i = 0; i < 100_000; i++)
        {
            known.Add(1_000, failed: false);
        }

        Assert.Empty(new JobTrust(4, Options, known).Close(trusted, Options.SpotCheckRate).Checks);
        Assert.Single(new JobTrust(4, Options, known).Close(trusted, Options.SpotCheckRate / 2).Checks);
    }

    [Fact]
    public void FirstResult_WhenTheGridKnowsTooLittle_IsRepeatedAtOnce()
    {
        var trusted = Outcome(0, 1) with { Witnesses = new[] { Witness(1, passed: 1_000) } };

        Assert.Single(Job(4).Close(trusted, 0.9).Checks);
    }

    [Fact]
    public void Settle_WhenNobodyIsKnown_ChecksUntilAnOperatorVouchesForAll()
    {
        var job = Job(2);
        job.Close(Outcome(0, 1), Never);
        job.Close(Outcome(1, 2), Never);
        job.Close(Outcome(0, 1, 2), Never);
        job.Close(Outcome(1, 2, 1), Never);
        Assert.Empty(job.Checking);

        var (delivery, checks) = job.Settle(saboteurs: 0.2, audits: true, () => 0);
        Assert.Null(delivery);
        Assert.All(checks.Values, check => Assert.True(check.Audit));
        foreach (var shard in new[] { 0, 1 })
        {
            job.Close(Audited(Outcome(shard, 1, 2)), Never);
        }

        Assert.Equal(0, job.Settle(0.2, true, () => 0).Delivery!.ExpectedWrong);
    }

    [Fact]
    public void Settle_WhenNoOperatorIsThere_AsksOneOwnerMore()
    {
        var job = Job(1);
        job.Close(Outcome(0, 1, 2), Never);

        var check = Assert.Single(job.Settle(0.2, audits: false, () => 0).Checks).Value;

        Assert.Equivalent(new ShardCheck { Agreeing = 3 }, check);
    }

    [Fact]
    public void Settle_WhenTheEvidenceIsEnough_DeliversWithWhatItCameTo()
    {
        var carried = new CheckLedger();
        for (var i = 0; i < 2_000_000; i++)
        {
            carried.Add(1_000, failed: false);
        }

        var job = new JobTrust(1, Options, carried);
        job.Close(Outcome(0, 1) with { Witnesses = new[] { Witness(1, passed: 1_000) } }, Never);

        var delivery = job.Settle(0.2, audits: true, () => 0).Delivery;

        Assert.InRange(delivery!.ExpectedWrong, 1e-7, Options.Epsilon);
    }

    [Fact]
    public void Liar_WhenFoundInOneShard_TakesAllItsResultsAlong()
    {
        var job = Job(6);
        job.Close(Outcome(0, 1), Never);
        job.Close(Outcome(1, 1, 2), Never);
        job.Close(Outcome(2, 2, 1), Never);
        job.Close(Audited(Outcome(3, 1)), Never);
        job.Close(Outcome(4, 2, 3), Never);

        var checks = job.Close(Audited(Outcome(5, 2)) with { Judged = new[] { Judgement(2, wrong: false), Judgement(1, wrong: true) } }, Never).Checks;

        Assert.Equal([0, 1, 2], checks.Keys.Order());
        Assert.All(checks.Values, check => Assert.Equal([ShardBench.Owner(1)], check.Distrusted));
        Assert.Equal([1, 2, 1], checks.OrderBy(c => c.Key).Select(c => c.Value.Agreeing));
    }

    [Fact]
    public void Liar_WhenFoundElsewhere_IsNotBelievedInWhatComesLater()
    {
        var job = Job(2);
        job.Find([ShardBench.Owner(1)]);

        var check = Assert.Single(job.Close(Outcome(0, 1, 2), Never).Checks).Value;

        Assert.Equal(2, check.Agreeing);
        Assert.Equal([ShardBench.Owner(1)], check.Distrusted);
    }

    [Fact]
    public void Shard_WhenItClosesAgain_IsCountedByTheDifference()
    {
        var job = Job(1);
        job.Close(Outcome(0, 1), Never);
        Assert.Equal([0], job.Checking.Keys);

        var before = job.Close(Outcome(0, 1, 2) with { Replicas = 3 }, Never).Before;

        Assert.Equal(new ShardCount(true, 0, 1), before);
        Assert.Empty(job.Checking);
    }

    [Fact]
    public void Replicas_WhenTheyWereOutTogether_CountAsOneResult()
    {
        var job = Job(1);
        var together = Outcome(0, 1, 2) with { Witnesses = new[] { Witness(1) with { AskedAt = 1, ReturnedAt = 4 }, Witness(2) with { AskedAt = 1, ReturnedAt = 5 } } };

        Assert.Equivalent(new ShardCheck { Agreeing = 3 }, Assert.Single(job.Close(together, Never).Checks).Value);
    }

    [Fact]
    public void FirstResult_ThatGoesToAnOperatorNode_IsASpotCheck()
    {
        var job = new JobTrust(1, Options with { RingerRate = 1 }, new CheckLedger());

        Assert.Equivalent(new ShardCheck { Agreeing = 1, Audit = true, Spot = true }, Assert.Single(job.Close(Outcome(0, 1), 0).Checks).Value);
    }

    [Fact]
    public void SpotCheck_ThatSawAPartOfTheRun_IsHeardOnceAndVouchesForNothing()
    {
        var confirmed = Outcome(0, 1) with { Judged = new[] { Judgement(1, wrong: false) } };
        var (none, once, twice) = (ExpectedWrong(Outcome(0, 1)), ExpectedWrong(confirmed), ExpectedWrong(confirmed, confirmed));

        Assert.InRange(once, 1e-6, none * 0.999);
        Assert.Equal(once, twice);
    }

    [Fact]
    public void SpotCheck_ThatFoundALie_TakesTheOwnersOtherResultsAlong()
    {
        var job = Job(2);
        job.Close(Outcome(0, 1), Never);

        var checks = job.Close(Audited(Outcome(1)) with { Judged = new[] { Judgement(1, wrong: true) } }, Never).Checks;

        Assert.Equal([ShardBench.Owner(1)], Assert.Single(checks).Value.Distrusted);
    }

    private static double ExpectedWrong(params ShardOutcome[] outcomes)
    {
        var carried = new CheckLedger();
        for (var i = 0; i < 100; i++)
        {
            carried.Add(0, failed: false);
        }

        var job = new JobTrust(1, Options with { Epsilon = 0.5, SaboteursMin = 0, SaboteursMax = 0 }, carried);
        foreach (var outcome in outcomes)
        {
            job.Close(outcome, Never);
        }

        return job.Settle(0, audits: true, () => 0).Delivery!.ExpectedWrong;
    }

    private static JobTrust Job(int shards) => new(shards, Options, new CheckLedger());

    private static ShardOutcome Outcome(int shard, params int[] nodes) => new()
    {
        Index = shard,
        Accepted = true,
        InputsFailed = 0,
        Replicas = nodes.Length,
        At = default,
        Witnesses = nodes.Select((node, place) => Witness(node) with { AskedAt = 10 * place, ReturnedAt = (10 * place) + 5 }).ToArray(),
    };

    private static ShardOutcome Audited(ShardOutcome outcome) =>
        outcome with { Audited = true, Judged = outcome.Witnesses.Select(w => new ShardJudgement(w.Node, w.Owner, w.Passed, Wrong: false)).ToArray() };

    private static ShardWitness Witness(int node, int passed = 0) => new(ShardBench.Node(node), ShardBench.Owner(node), passed, 1, 2);

    private static ShardJudgement Judgement(int node, bool wrong) => new(ShardBench.Node(node), ShardBench.Owner(node), 0, wrong);
}
