using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Verification.Trust;

/// <summary>When a job is delivered, and what is checked until then.</summary>
public class DeliveryProperties
{
    private static readonly TrustOptions Options = new() { AuditsPerJob = 0 };

    [Fact]
    public void Risks_Always_FallWithEveryOwnerMore() => Dice.Check(200, dice =>
    {
        var ledger = Seen(dice);
        var risks = ledger.Risks(Share(dice));
        for (var depth = 0; depth < 300; depth += 1 + dice.Below(20))
        {
            for (var agreeing = 1; agreeing < JobRisk.AgreeingMax; agreeing++)
            {
                var (fewer, more) = (risks[JobRisk.Class(agreeing, depth)], risks[JobRisk.Class(agreeing + 1, depth)]);
                Assert.InRange(more, 0, fewer / 2);
                Assert.InRange(fewer, 0, 1);
            }
        }
    });

    [Fact]
    public void Risks_WithChecksOfGroups_AreNoHigherThanWithout() => Dice.Check(100, dice =>
    {
        var (alone, both) = (new GroupLedger(), new GroupLedger());
        var checks = dice.Below(2000);
        for (var i = 0; i < checks; i++)
        {
            var failed = dice.Once(50);
            alone[1].Add(30, failed);
            both[1].Add(30, failed);
            both[2].Add(30, failed: false);
        }

        Assert.True(both.Risks(0.3)[JobRisk.Class(2, 30)] <= alone.Risks(0.3)[JobRisk.Class(2, 30)]);
    });

    [Fact]
    public void Plan_WhenTheTargetIsMet_DeliversAndElseChecksTheRiskiest() => Dice.Check(300, dice =>
    {
        var (job, classes) = Job(dice);
        var shards = classes.Sum(c => c.Count);
        var risks = Seen(dice).Risks(Share(dice));
        var plan = DeliveryRules.Plan(job, risks, shards, 0, Options);
        var expected = classes.Sum(c => c.Count * risks[JobRisk.Class(c.Agreeing, c.Depth)]);

        Assert.Equal(expected, plan.ExpectedWrong, 1e-9);
        Assert.Equal(expected * Options.Safety <= Options.Epsilon * shards, plan.Delivers);
        var sorted = classes.Select(c => (c.Agreeing, Number: JobRisk.Class(c.Agreeing, c.Depth), Chance: plan.Chance(c.Agreeing, c.Depth))).OrderBy(c => c.Number).ToArray();
        foreach (var (known, less) in sorted.Skip(1).Zip(sorted).Where(two => two.First.Agreeing == two.Second.Agreeing && two.First.Number > two.Second.Number))
        {
            // Of as many that agree, nobody better known is checked while somebody less known might not be.
            Assert.True(known.Chance == 0 || less.Chance == 1);
        }

        Assert.Equal(!plan.Delivers, sorted.Any(at => at.Chance > 0));
    });

    [Fact]
    public void Plan_UntilItDelivers_EndsWithOperatorsAtTheLatest() => Dice.Check(60, dice =>
    {
        // No evidence at all: nothing but the word of operator nodes helps.
        var agreeing = Enumerable.Range(0, 1 + dice.Below(60)).Select(_ => 1 + dice.Below(3)).ToArray();
        var job = new JobRisk();
        for (var rounds = 0; ; rounds++)
        {
            Assert.InRange(rounds, 0, agreeing.Length * 60);
            job.Clear();
            foreach (var size in agreeing.Where(size => size > 0))
            {
                job.Add(size, 0);
            }

            var plan = DeliveryRules.Plan(job, new GroupLedger().Risks(0.5), agreeing.Length, 0, Options);
            if (plan.Delivers)
            {
                break;
            }

            var next = Array.FindIndex(agreeing, size => size > 0 && plan.Chance(size, 0) > 0);
            agreeing[next] = plan.Who(agreeing[next]) == CheckBy.Operator ? 0 : agreeing[next] + 1;
        }

        Assert.All(agreeing, size => Assert.InRange(size, 0, Options.ReplicasMax));
    });

    [Fact]
    public void Plan_WhileAuditsAreLeft_LeavesChecksToOperators()
    {
        var job = new JobRisk();
        Enumerable.Range(0, 1000).ToList().ForEach(_ => job.Add(1, 0));
        var risks = new GroupLedger().Risks(0.3);
        var options = Options with { AuditsPerJob = 5 };

        var first = DeliveryRules.Plan(job, risks, 1000, audits: 0, options);
        Assert.Equal((CheckBy.Operator, 0.005), (first.Who(1), Math.Round(first.Chance(1, 0), 6)));
        Assert.Equal(CheckBy.Owner, DeliveryRules.Plan(job, risks, 1000, audits: 5, options).Who(1));
        Assert.Equal(CheckBy.Operator, DeliveryRules.Plan(job, risks, 1000, audits: 5, options).Who(options.ReplicasMax));
    }

    [Fact]
    public void Saboteurs_Always_StayWithinTheBoundsAndFallAsTheyAreFound() => Dice.Check(300, dice =>
    {
        var nodes = 1 + dice.Below(5000);
        var found = dice.Below(nodes + 1);
        var share = RiskRules.Saboteurs(found, nodes, Options);

        Assert.InRange(share, Options.SaboteursMin, 0.5);
        Assert.True(found + 1 > Options.SaboteursMax * nodes || RiskRules.Saboteurs(found + 1, nodes, Options) <= share);
    });

    [Fact]
    public void Limit_Always_KeepsTheShareAndCapsTheWeight() => Dice.Check(200, dice =>
    {
        var ledger = Seen(dice)[1];
        var (checks, failures) = (ledger.Checks, ledger.Failures);
        var most = dice.Below(500);
        ledger.Limit(most);

        Assert.Equal(Math.Min(checks, most), ledger.Checks, 1e-6);
        Assert.Equal(failures * ledger.Checks, ledger.Failures * checks, 1e-6);
    });

    [Fact]
    public void Seen_WhenNothingFailed_IsNothing()
    {
        var ledger = new CheckLedger();
        ledger.Add(3, failed: false);

        Assert.Equal(0, ledger.Seen(3));
        Assert.True(ledger.Hazard(3) > 0);
        ledger.Add(3, failed: true);
        Assert.True(ledger.Seen(3) > 0);
    }

    /// <summary>A few near the bottom failed, and then the first of many further on: what is known is worse, whatever pool it lowers.</summary>
    [Fact]
    public void Seen_WhenTheFirstOfManyFurtherOnFails_IsNoLower()
    {
        var (before, after) = (new CheckLedger(), new CheckLedger());
        for (var i = 0; i < 1000; i++)
        {
            before.Add(100, failed: false);
            after.Add(100, failed: i == 0);
            before.Add(90, failed: i < 50);
            after.Add(90, failed: i < 50);
        }

        Assert.True(after.Seen(100) >= before.Seen(100));
        Assert.True(before.Seen(100) >= before.Hazard(100));
    }

    [Fact]
    public void Seen_WithMoreFailures_IsNoLower() => Dice.Check(300, dice =>
    {
        var (ledger, worse) = (new CheckLedger(), new CheckLedger());
        for (var i = dice.Below(3000); i >= 0; i--)
        {
            var (at, failed) = (dice.Below(1000), dice.Once(50));
            ledger.Add(at, failed);
            worse.Add(at, failed || dice.Once(50));
        }

        var depth = dice.Below(1000);
        Assert.True(worse.Seen(depth) >= ledger.Seen(depth));
        Assert.True(ledger.Seen(depth) == 0 || ledger.Seen(depth) >= ledger.Hazard(depth));
    });

    [Fact]
    public void Echoed_WhenOneLieOfFewGroupsIsKnown_SaysNothingYet()
    {
        var ledger = new GroupLedger();
        for (var i = 0; i < 1000; i++)
        {
            ledger[1].Add(20, failed: i < 100);
            ledger[2].Add(20, failed: i < 1);
        }

        Assert.Equal(0, ledger.Echoed);
        for (var i = 0; i < 99; i++)
        {
            ledger[2].Add(20, failed: true);
        }

        Assert.InRange(ledger.Echoed, 0.5, 1);
    }

    private static double Share(Dice dice) => 0.1 + (dice.Below(41) / 100.0);

    private static GroupLedger Seen(Dice dice)
    {
        var ledger = new GroupLedger();
        var checks = dice.Below(400);
        for (var i = 0; i < checks; i++)
        {
            ledger[1 + dice.Below(4)].Add(dice.Below(200), dice.Once(30));
        }

        return ledger;
    }

    private static (JobRisk Job, List<(int Agreeing, int Depth, int Count)> Classes) Job(Dice dice)
    {
        var (job, classes) = (new JobRisk(), new List<(int Agreeing, int Depth, int Count)>());
        foreach (var _ in Enumerable.Range(0, 1 + dice.Below(6)))
        {
            var one = (Agreeing: 1 + dice.Below(5), Depth: dice.Below(200), Count: 1 + dice.Below(50));
            classes.Add(one);
            for (var i = 0; i < one.Count; i++)
            {
                job.Add(one.Agreeing, one.Depth);
            }
        }

        return (job, classes);
    }
}
