using PiGrid.Grains.Verification.Trust;

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
        var result = PublishedRules.Credibility(200, 100_000, 0.2, 0.05, 0.1, 1e-4, seed: 1);

        Assert.InRange(result.WrongShare, 0, 0.001);
        Assert.InRange(result.Cost, 1.1, 3);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.2)]
    [InlineData(0.35)]
    public void Batch_AgainstColluders_DeliversWithinTheTarget(double share)
    {
        foreach (var rate in (double[])[0.001, 0.01, 1])
        {
            var result = BatchAttack.Run(300, 300_000, 0, new(AdversaryKind.Colluders, share, rate), Options, seed: 7);

            // A small run scatters: what it shows is that the order of magnitude is right.
            Assert.InRange(result.WrongShare, 0, 3 * Options.Epsilon);
            Assert.InRange(result.Cost, 1, 3);
        }
    }

    [Fact]
    public void Batch_WithoutChecks_IsWrongAsOftenAsTheyLie()
    {
        // Shows that the attack is one: with rules that look at nothing, its lies arrive.
        var blind = Options with { SpotCheckRate = 0, AuditRate = 0, ProbationChecks = 1, Epsilon = 0.5, Ahead = 100 };
        var result = BatchAttack.Run(300, 30_000, 0, new(AdversaryKind.Colluders, 0.2, 0.05), blind, seed: 7);

        Assert.InRange(result.WrongShare, 0.002, 0.02);
    }

    [Fact]
    public void Online_AgainstNodesThatWaitForTrust_AnswersWithinTheTarget()
    {
        foreach (var rate in (double[])[0.005, 0.02, 1])
        {
            var result = OnlineAttack.Run(300, 300_000, 0, new(AdversaryKind.UntilTrusted, 0.1, rate, 0.1), Options, seed: 7);

            Assert.InRange(result.WrongShare, 0, Options.OnlineEpsilon);
        }
    }

    [Fact]
    public void Batch_WithOneSeed_IsTheSameAgain() => Assert.Equal(
        BatchAttack.Run(100, 20_000, 0, new(AdversaryKind.Sybils, 0.2, 0.05, 0.2), Options, seed: 3),
        BatchAttack.Run(100, 20_000, 0, new(AdversaryKind.Sybils, 0.2, 0.05, 0.2), Options, seed: 3));
}
