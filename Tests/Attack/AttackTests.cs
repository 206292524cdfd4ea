using PiGrid.Grains.Verification.Trust;
using PiGrid.Tests.Verification;

namespace PiGrid.Tests.Attack;

/// <summary>The attack simulator at small size: known rules give what is known of them, ours keep what they state.</summary>
public class AttackTests
{
    private static readonly TrustOptions Options = new();

    [Fact]
    public void FirstTwoToAgree_AgainstAFifth_GivesThePublishedFigures()
    {
        var result = PublishedRules.FirstTwo(500, 200_000, 0.2, seed: 1);

        // f^2 (1 + 2 (1 - f)) wrong, 2 + 2 f (1 - f) results.
        Assert.InRange(result.WrongShare, 0.100, 0.108);
        Assert.InRange(result.Cost, 2.29, 2.35);
    }

    [Fact]
    public void AdaptiveReplication_WhenSaboteursWaitForTrust_IsOpenToThem()
    {
        var result = PublishedRules.Adaptive(500, 200_000, 0.1, 1, untilTrusted: true, seed: 1);

        Assert.InRange(result.WrongShare, 0.02, 0.1);
        Assert.InRange(result.Cost, 1.03, 1.2);
    }

    [Fact]
    public void Credibility_WithBlacklisting_ComesCloseToItsTarget()
    {
        var result = PublishedCredibility.Run(200, 100_000, 0.2, 0.05, 0.1, 1e-4, seed: 1);

        Assert.InRange(result.WrongShare, 0, 0.001);
        Assert.InRange(result.Cost, 1.1, 3);
    }

    [Fact]
    public void CredibilityOfANode_WithMoreChecks_Rises() => Dice.Check(300, dice =>
    {
        var (passed, saboteurs) = (dice.Below(5000), dice.Below(45) / 100.0);
        var credibility = PublishedCredibility.OfNode(passed, saboteurs);

        Assert.InRange(credibility, 1 - saboteurs, 1);
        Assert.True(PublishedCredibility.OfNode(passed + 1, saboteurs) >= credibility);
    });

    [Theory]
    [InlineData(0.05, 1000)]
    [InlineData(0.2, 1000)]
    [InlineData(0.35, 1000)]
    [InlineData(0.2, 24)]
    public void Batch_AgainstColluders_DeliversWithinTheTarget(double share, int each)
    {
        foreach (var rate in (double[])[0.001, 0.01, 1])
        {
            var result = BatchAttack.Run(Scenario(300_000 / each, 300_000, new(AdversaryKind.Colluders, share, rate)), seed: 7);

            // A small run scatters: what it shows is that the order of magnitude is right.
            Assert.InRange(result.WrongShare, 0, 2 * Options.Epsilon);
            Assert.InRange(result.Cost, 1, 4);
        }
    }

    [Fact]
    public void Batch_WithoutChecks_IsWrongAsOftenAsTheyLie()
    {
        // Shows that the attack is one: with rules that look at nothing, its lies arrive.
        var blind = Options with { SpotCheckRate = 0, AuditRate = 0, AuditsPerJob = 0, ProbationChecks = 1, Epsilon = 0.5, Ahead = 100 };
        var result = BatchAttack.Run(Scenario(300, 30_000, new(AdversaryKind.Colluders, 0.2, 0.05)) with { Options = blind }, seed: 7);

        Assert.InRange(result.WrongShare, 0.002, 0.02);
    }

    [Fact]
    public void Batch_WhenSaboteursStallForAFriend_DeliversWithinTheTarget()
    {
        foreach (var rate in (double[])[0.01, 0.1, 1])
        {
            var result = BatchAttack.Run(Scenario(300, 300_000, new(AdversaryKind.Stallers, 0.2, rate)), seed: 7);

            Assert.InRange(result.WrongShare, 0, 2 * Options.Epsilon);
            Assert.True(result.Found > 0);
        }
    }

    [Fact]
    public void Batch_AfterAGoodPast_IsJudgedByItsOwnChecks()
    {
        // Whoever was honest a thousand times and lies now is not covered by what was seen before.
        foreach (var rate in (double[])[0.002, 0.05, 1])
        {
            var result = BatchAttack.Run(Scenario(300, 300_000, new(AdversaryKind.Colluders, 0.2, rate)) with { Warm = 1000 }, seed: 7);

            Assert.InRange(result.WrongShare, 0, 2 * Options.Epsilon);
        }
    }

    [Fact]
    public void Batch_OfAFewShardsInANewGrid_IsVouchedForByOperators()
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var result = BatchAttack.Run(Scenario(7, 200, new(AdversaryKind.Colluders, 2 / 7.0, 0.1)), seed);

            Assert.Equal(0, result.Wrong);
            Assert.InRange(result.Cost, 2, 3.5);
        }
    }

    [Fact]
    public void Online_WithRingersOnly_BelievesNobodyNew()
    {
        var attack = Scenario(7, 70, new(AdversaryKind.Colluders, 2 / 7.0, 1)) with { Options = Options with { RingerRate = 1 } };
        for (var seed = 1UL; seed <= 50; seed++)
        {
            Assert.Equal((0, 2), (OnlineAttack.Run(attack, seed).Wrong, OnlineAttack.Run(attack, seed).Found));
        }
    }

    [Fact]
    public void Online_AgainstNodesThatWaitForTrust_AnswersWithinTheTarget()
    {
        foreach (var rate in (double[])[0.005, 0.02, 1])
        {
            var result = OnlineAttack.Run(Scenario(300, 300_000, new(AdversaryKind.UntilTrusted, 0.1, rate, 0.1)), seed: 7);

            Assert.InRange(result.WrongShare, 0, Options.OnlineEpsilon);
        }
    }

    [Fact]
    public void Batch_WithOneSeed_IsTheSameAgain()
    {
        var attack = Scenario(100, 20_000, new(AdversaryKind.Sybils, 0.2, 0.05, 0.2)) with { Noise = new(0.05, 0.05, 1e-3) };

        Assert.Equal(BatchAttack.Run(attack, seed: 3), BatchAttack.Run(attack, seed: 3));
    }

    private static AttackScenario Scenario(int nodes, int shards, Adversary adversary) => new() { Nodes = nodes, Shards = shards, Adversary = adversary };
}
