using PiGrid.Grains.Shards;
using PiGrid.Protocol;

namespace PiGrid.Tests.Shards;

/// <summary>What volunteers do not agree on, and what is checked whatever they say.</summary>
public class ShardChecksTests
{
    private const int Operator = 9;

    [Fact]
    public void Adaptive_WhenOneAnswers_AcceptsAndCountsNothingAsAPassedCheck()
    {
        var bench = Bench(VerificationPolicy.Adaptive);
        bench.Open();
        Assert.Single(bench.Wants);

        var commands = Answer(bench, 1, 5);

        var accept = Assert.Single(commands.OfType<ShardCommand.Accept>());
        Assert.Equal([ShardBench.Node(1)], accept.Witnesses.Select(w => w.Node));
        Assert.Empty(commands.OfType<ShardCommand.TellEvidence>());
    }

    [Fact]
    public void Check_WhenASecondOwnerAgrees_IsPassedByTheFirstAlone()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);
        var request = Assert.Single(bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 2 })).OfType<ShardCommand.Want>()).Request;
        Assert.Equal([ShardBench.Owner(1)], request.ExcludedOwners);

        var commands = Answer(bench, 2, 5);

        var evidence = Assert.Single(commands.OfType<ShardCommand.TellEvidence>());
        Assert.Equal((ShardBench.Node(1), false), (evidence.Node, evidence.Wrong));
        Assert.Equal(2, Assert.Single(commands.OfType<ShardCommand.Accept>()).Witnesses.Length);
        Assert.Equal(ShardBench.Lease(2), Assert.Single(commands.OfType<ShardCommand.TellVerdict>()).Lease);
    }

    [Fact]
    public void Quorum_WhenBothWereAskedAtOnce_IsNoPassedCheck()
    {
        var bench = Bench(VerificationPolicy.Quorum(2));
        bench.Open();
        bench.Change(1, ReplicaState.Assigned, bench.Wants.First().Id);
        bench.Change(2, ReplicaState.Assigned, bench.Wants.Last().Id);
        bench.Return(1, 5);

        Assert.Empty(bench.Return(2, 5).OfType<ShardCommand.TellEvidence>());
    }

    [Fact]
    public void Dispute_WhenAnOperatorIsThere_IsItsToDecideAndNamesTheLiar()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);
        bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 2 }));
        var audit = Assert.Single(Answer(bench, 2, 99).OfType<ShardCommand.Want>()).Request;
        Assert.True(audit.Operator, "The dispute goes to another volunteer.");

        var commands = Word(bench, 99);

        var evidence = commands.OfType<ShardCommand.TellEvidence>().ToDictionary(e => e.Node, e => e.Wrong);
        Assert.Equal(new() { [ShardBench.Node(1)] = true, [ShardBench.Node(2)] = false }, evidence);
        var accept = Assert.Single(commands.OfType<ShardCommand.Accept>());
        Assert.Equal(ShardBench.Lease(2), accept.Canonical.Lease);
        Assert.True(accept.Audited);
        Assert.Equal(Verdict.Rejected, commands.OfType<ShardCommand.TellVerdict>().Single(v => v.Lease == ShardBench.Lease(1)).Verdict);
    }

    [Fact]
    public void Dispute_WhenTheOperatorContradictsAll_TakesTheOperatorsResult()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);
        bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 2 }));
        Answer(bench, 2, 99);

        var commands = Word(bench, 7);

        Assert.Equal(ShardBench.Lease(Operator), Assert.Single(commands.OfType<ShardCommand.Accept>()).Canonical.Lease);
        Assert.All(commands.OfType<ShardCommand.TellEvidence>(), e => Assert.True(e.Wrong));
        Assert.Equal(2, commands.OfType<ShardCommand.TellEvidence>().Count());
    }

    [Fact]
    public void Dispute_WhenNoOperatorTakesItUpInTime_GoesToMoreVolunteersAndBlamesNobody()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);
        bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 2 }));
        Answer(bench, 2, 99);

        var commands = bench.Pass(bench.Options.AuditPatience);
        Assert.All(commands.OfType<ShardCommand.Want>(), w => Assert.False(w.Request.Operator));
        Assert.Equal(2, commands.OfType<ShardCommand.Want>().Count());
        Answer(bench, 3, 5);
        var end = Answer(bench, 4, 5);

        Assert.Equal(3, Assert.Single(end.OfType<ShardCommand.Accept>()).Witnesses.Length);
        Assert.DoesNotContain(bench.Commands.OfType<ShardCommand.TellEvidence>(), e => e.Wrong);
    }

    [Fact]
    public void QuorumInDispute_WhenVolunteersSettleIt_StillHearsTheOperatorsWord()
    {
        var bench = Bench(VerificationPolicy.Quorum(2));
        bench.Open();
        Answer(bench, 1, 5);
        Answer(bench, 2, 99);
        Assert.Contains(Answer(bench, 3, 5), c => c is ShardCommand.Accept { Audited: false });

        var commands = Word(bench, 5);

        Assert.Equal(ShardBench.Node(2), Assert.Single(commands.OfType<ShardCommand.TellEvidence>(), e => e.Wrong).Node);
        Assert.True(Assert.Single(commands.OfType<ShardCommand.Accept>()).Audited);
        Assert.Equal(ShardPhase.Accepted, bench.State.Phase);
    }

    [Fact]
    public void QuorumOfLiars_WhenTheOperatorContradictsIt_IsTakenBack()
    {
        var bench = Bench(VerificationPolicy.Quorum(2));
        bench.Open();
        Answer(bench, 1, 5);
        Answer(bench, 2, 99);
        Answer(bench, 3, 99);

        var accept = Assert.Single(Word(bench, 5).OfType<ShardCommand.Accept>());

        Assert.Equal(ShardBench.Lease(1), accept.Canonical.Lease);
        Assert.Equal([ShardBench.Node(2), ShardBench.Node(3)], accept.Judged.Where(j => j.Wrong).Select(j => j.Node));
    }

    [Fact]
    public void Ringer_WhenOpened_AsksTheOperatorFirstAndAVolunteerAfterIt()
    {
        var bench = Bench(VerificationPolicy.None, spec => spec with { Ringer = true });
        bench.Open();
        Assert.True(Assert.Single(bench.Wants).Operator);

        var volunteer = Assert.Single(Word(bench, 5).OfType<ShardCommand.Want>()).Request;
        Assert.False(volunteer.Operator);
        var commands = Answer(bench, 1, 99);

        Assert.True(Assert.Single(commands.OfType<ShardCommand.TellEvidence>()).Wrong);
        Assert.Equal(ShardBench.Lease(Operator), Assert.Single(commands.OfType<ShardCommand.Accept>()).Canonical.Lease);
    }

    [Fact]
    public void Critical_WhenOpened_WantsTheOperatorsWordAndResultsThatDifferInRegionAndHardware()
    {
        var bench = Bench(VerificationPolicy.Critical(2));
        bench.Open();
        Assert.Equal([false, true], bench.Wants.Select(w => w.Operator).Order());

        var next = Assert.Single(
            bench.Change(1, ReplicaState.Assigned, bench.Wants.First(w => !w.Operator).Id, hardwareClass: "arm64", region: "north").OfType<ShardCommand.Want>()).Request;
        Assert.Equal(["north"], next.ExcludedRegions);
        Assert.Equal(["arm64"], next.ExcludedHardwareClasses);
        var same = bench.Change(3, ReplicaState.Assigned, next.Id, region: "north");
        Assert.Equal(ShardBench.Lease(3), Assert.Single(same.OfType<ShardCommand.CancelLease>()).Lease);

        bench.Return(1, 5);
        bench.Change(2, ReplicaState.Assigned, next.Id, region: "south");
        bench.Return(2, 5);
        Assert.Equal(ShardPhase.Open, bench.State.Phase);
        bench.Pass(TimeSpan.FromDays(1));
        Assert.Equal(ShardPhase.Open, bench.State.Phase);
        Assert.Contains(Word(bench, 5), c => c is ShardCommand.Accept { Audited: true });
    }

    [Fact]
    public void Check_WhenTheOnlyWitnessIsDistrusted_IsDoneAgainByAnother()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);

        var request = Assert.Single(
            bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 1, Distrusted = new[] { ShardBench.Owner(1) } })).OfType<ShardCommand.Want>()).Request;
        var accept = Assert.Single(Answer(bench, 2, 6).OfType<ShardCommand.Accept>());

        Assert.Contains(ShardBench.Owner(1), request.ExcludedOwners);
        Assert.Equal([ShardBench.Node(2)], accept.Witnesses.Select(w => w.Node));
    }

    [Fact]
    public void Check_WhenItStandsUpToItAlready_IsAnsweredByTheReportAlone()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);

        Assert.Equal([new ShardCommand.ReportAgain()], bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 1 })));
    }

    [Fact]
    public void Check_WhenNoOtherOwnerIsLeft_GoesToAnOperatorOnceThereIsOne()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);
        bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Agreeing = 2 }));
        Assert.DoesNotContain(bench.Apply(new ShardEvent.PlacementBlocked("1 more node is needed", LacksOwners: true)), c => c is ShardCommand.Want);

        var commands = bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Agreeing = 2, Audits = true }));

        Assert.True(Assert.Single(commands.OfType<ShardCommand.Want>()).Request.Operator);
        Assert.Single(commands.OfType<ShardCommand.Withdraw>());
        Assert.Contains(Word(bench, 5), c => c is ShardCommand.Accept { Audited: true });
    }

    [Fact]
    public void Check_WhenAReplicaWasStillWantedAtTheEnd_AsksForItAnew()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);
        var second = Assert.Single(bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Distrusted = [ShardBench.Owner(1)] })).OfType<ShardCommand.Want>()).Request;
        bench.Change(2, ReplicaState.Assigned, second.Id);

        // Its node was suspended with the result on its way: a third is asked for, and withdrawn as the result comes.
        var third = Assert.Single(bench.Change(2, ReplicaState.Cancelled, second.Id).OfType<ShardCommand.Want>()).Request;
        Assert.Equal(third.Id, Assert.Single(bench.Return(2, 99).OfType<ShardCommand.Withdraw>()).Request);

        var commands = bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Distrusted = [ShardBench.Owner(2)] }));

        Assert.NotEqual(third.Id, Assert.Single(commands.OfType<ShardCommand.Want>()).Request.Id);
    }

    [Fact]
    public void Check_WhenAReplicaRanAtTheEnd_DoesNotWaitForIt()
    {
        var bench = Bench(VerificationPolicy.Adaptive, spec => spec with { AtOnce = 2 });
        bench.Open();
        foreach (var (node, request) in bench.Wants.Select((want, i) => (i + 1, want.Id)).ToArray())
        {
            bench.Change(node, ReplicaState.Assigned, request);
        }

        bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 1 }));
        Assert.Equal(ShardBench.Lease(2), Assert.Single(bench.Return(1, 5).OfType<ShardCommand.CancelLease>()).Lease);

        Assert.Single(bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 2 })).OfType<ShardCommand.Want>());
        Assert.Contains(bench.Return(2, 5), command => command is ShardCommand.Accept { Witnesses.Length: 2 });
    }

    [Fact]
    public void Dispute_WhenTheOperatorIsBusyAndNobodyElseIsLeft_GoesToTheOperatorAgain()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);
        bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 2 }));
        Answer(bench, 2, 99);
        Assert.DoesNotContain(bench.Pass(bench.Options.AuditPatience).OfType<ShardCommand.Want>(), want => want.Request.Operator);

        var commands = bench.Apply(new ShardEvent.PlacementBlocked("1 more node is needed", LacksOwners: true));

        Assert.Contains(commands.OfType<ShardCommand.Want>(), want => want.Request.Operator);
        Assert.Contains(Word(bench, 5), c => c is ShardCommand.Accept { Audited: true });
    }

    [Fact]
    public void Abandon_WhenCheckedFurther_KeepsWhatItHad()
    {
        var bench = Accepted(VerificationPolicy.Adaptive);
        bench.Apply(new ShardEvent.CheckWanted(new ShardCheck { Audits = true, Agreeing = 2 }));

        var commands = bench.Apply(new ShardEvent.Abandoned("the job is over"));

        Assert.Equal(ShardPhase.Accepted, bench.State.Phase);
        Assert.DoesNotContain(commands, c => c is ShardCommand.GiveUp);
        Assert.Single(commands.OfType<ShardCommand.Withdraw>());
    }

    private static ShardBench Bench(VerificationPolicy policy, Func<ShardSpec, ShardSpec>? change = null) =>
        new(policy, change: spec => (change?.Invoke(spec) ?? spec) with { Audits = true });

    private static ShardBench Accepted(VerificationPolicy policy)
    {
        var bench = Bench(policy);
        bench.Open();
        Answer(bench, 1, 5);
        Assert.Equal(ShardPhase.Accepted, bench.State.Phase);
        return bench;
    }

    /// <summary>The next volunteer in line takes the oldest replica that is wanted, and answers.</summary>
    private static IReadOnlyList<ShardCommand> Answer(ShardBench bench, int node, float answer)
    {
        bench.Change(node, ReplicaState.Assigned, bench.State.Replicas.First(r => r is { IsWanted: true, IsAudit: false }).Request);
        return bench.Return(node, answer);
    }

    private static IReadOnlyList<ShardCommand> Word(ShardBench bench, float answer)
    {
        bench.Change(Operator, ReplicaState.Assigned, bench.State.Replicas.First(r => r is { IsWanted: true, IsAudit: true }).Request, byOperator: true);
        return bench.Return(Operator, answer, byOperator: true);
    }
}
