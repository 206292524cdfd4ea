using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Verification.Trust;

public class CostRulesTests
{
    private static readonly TrustOptions Options = new();

    [Fact]
    public void Adaptive_OnAColdGrid_CostsTwoReplicasAndAnAudit()
    {
        var cost = CostRules.Expect(VerificationPolicy.Adaptive, 100, new CheckLedger(), 0.2, Options);

        Assert.Equal(2, cost.Replicas, 3);
        Assert.InRange(cost.Audits, 0.99, 1.01);
        Assert.InRange(cost.Wrong!.Value, 0, Options.Epsilon);
    }

    [Fact]
    public void Adaptive_AmongNodesThatPassedAThousandChecksEach_CostsLittleMoreThanOne()
    {
        var cost = CostRules.Expect(VerificationPolicy.Adaptive, 100_000, Warm(), 0.1, Options);

        Assert.InRange(cost.Replicas + cost.Audits, 1, 1.1);
        Assert.InRange(cost.Wrong!.Value, 0, Options.Epsilon);
    }

    [Fact]
    public void Adaptive_TheLessMayBeWrong_CostsTheMore()
    {
        var costs = Enumerable.Range(2, 5)
            .Select(zeros => Math.Pow(10, -zeros))
            .Select(epsilon => CostRules.Expect(VerificationPolicy.Adaptive, 1_000_000, Warm(oneFailsIn: 10_000), 0.2, Options with { Epsilon = epsilon }))
            .Select(cost => cost.Replicas + cost.Audits).ToArray();

        Assert.Equal(costs.Order(), costs);
        Assert.True(costs[^1] > costs[0]);
    }

    [Theory]
    [InlineData("none", 1, 0.001)]
    [InlineData("quorum(5)", 5, 0)]
    [InlineData("critical(3)", 3, 1)]
    public void Others_WhateverIsKnown_CostWhatTheySay(string policy, double replicas, double audits)
    {
        var cost = CostRules.Expect(VerificationPolicy.Parse(policy), 10, Warm(), 0.2, Options);

        Assert.Equal((replicas, audits), (cost.Replicas, cost.Audits));
    }

    private static CheckLedger Warm(int oneFailsIn = int.MaxValue)
    {
        var ledger = new CheckLedger();
        for (var i = 0; i < 1_000_000; i++)
        {
            ledger.Add(1_000, failed: (i + 1) % oneFailsIn == 0);
        }

        return ledger;
    }
}
