using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards;
using PiGrid.Protocol;

namespace PiGrid.Tests.Shards;

public class ShardRulesTests
{
    private readonly ShardBench _bench = new();

    [Fact]
    public void Open_WhenNew_WantsAsManyReplicasAsTheQuorum()
    {
        _bench.Open();

        Assert.Equal(2, _bench.Wants.Count());
        Assert.Equal(2, _bench.Wants.Select(w => w.Id).Distinct().Count());
    }

    [Fact]
    public void Open_WhenOpenedAgain_WantsNothingMore()
    {
        _bench.Open();

        Assert.Empty(_bench.Open());
    }

    [Fact]
    public void Quorum_WhenTwoAgree_AcceptsBeforeItTellsVerdicts()
    {
        AssignTwo();
        _bench.Return(1, 5);
        var commands = _bench.Return(2, 5);

        Assert.Equal(ShardPhase.Accepted, _bench.State.Phase);
        var accept = commands.ToList().FindIndex(c => c is ShardCommand.Accept);
        var verdict = commands.ToList().FindIndex(c => c is ShardCommand.TellVerdict);
        Assert.InRange(accept, 0, verdict);
        Assert.All(commands.OfType<ShardCommand.TellVerdict>(), v => Assert.Equal(Verdict.Accepted, v.Verdict));
    }

    [Fact]
    public void Quorum_WhenOneLies_AsksAThirdOwnerAndRejectsTheLie()
    {
        AssignTwo();
        _bench.Return(1, 5);
        var request = Assert.Single(_bench.Return(2, 99).OfType<ShardCommand.Want>()).Request;
        Assert.Equal([ShardBench.Owner(1), ShardBench.Owner(2)], request.ExcludedOwners);

        _bench.Change(3, ReplicaState.Assigned, request.Id);
        var commands = _bench.Return(3, 5);

        Assert.Equal(Verdict.Rejected, Assert.Single(commands.OfType<ShardCommand.TellVerdict>(), v => v.Lease == ShardBench.Lease(2)).Verdict);
        Assert.Equal(3, _bench.State.Issued);
    }

    [Fact]
    public void Replica_WhenItsNodeDisconnects_IsReplacedAfterTheGraceAndStillCounts()
    {
        AssignTwo();
        Assert.DoesNotContain(_bench.Change(1, ReplicaState.Disconnected), c => c is ShardCommand.Want);
        Assert.Equal(_bench.Now + _bench.Options.DisconnectGrace, ShardRules.WakeAt(_bench.State, _bench.Now, _bench.Options));

        Assert.Single(_bench.Pass(_bench.Options.DisconnectGrace).OfType<ShardCommand.Want>());

        _bench.Return(1, 5);
        Assert.Contains(_bench.Return(2, 5), c => c is ShardCommand.Accept);
    }

    [Fact]
    public void Replica_WhenItsSuspectedNodesConnectionEnds_DoesNotCountAgainForTheGrace()
    {
        var bench = new ShardBench(VerificationPolicy.None);
        bench.Open();
        bench.Change(1, ReplicaState.Accepted, bench.Wants.Last().Id);
        Assert.Single(bench.Change(1, ReplicaState.Suspected).OfType<ShardCommand.Want>());
        bench.Change(2, ReplicaState.Accepted, bench.Wants.Last().Id);

        // The first node's session is closed for its silence; then the second falls silent, too, and is to be replaced at once.
        bench.Change(1, ReplicaState.Disconnected);

        Assert.Single(bench.Change(2, ReplicaState.Suspected).OfType<ShardCommand.Want>());
    }

    [Fact]
    public void Replica_WhenItsSuspectedNodeIsHeardAgain_HasTheGraceWhenItDisconnectsLater()
    {
        var bench = new ShardBench(VerificationPolicy.None);
        bench.Open();
        bench.Change(1, ReplicaState.Accepted, bench.Wants.Last().Id);
        bench.Change(1, ReplicaState.Suspected);
        Assert.Single(bench.Change(1, ReplicaState.Accepted).OfType<ShardCommand.Withdraw>());

        Assert.DoesNotContain(bench.Change(1, ReplicaState.Disconnected), c => c is ShardCommand.Want);
    }

    [Fact]
    public void Replica_WhenItsNodeComesBackWithinTheGrace_IsNotReplaced()
    {
        AssignTwo();
        _bench.Change(1, ReplicaState.Disconnected);
        _bench.Change(1, ReplicaState.Accepted);

        Assert.DoesNotContain(_bench.Pass(_bench.Options.DisconnectGrace), c => c is ShardCommand.Want);
    }

    [Fact]
    public void Lease_WhenRenewed_LastsToItsNewDeadline_AndNobodyIsTold()
    {
        var bench = new ShardBench(VerificationPolicy.None);
        bench.Open();
        bench.Change(1, ReplicaState.Accepted);

        Assert.Empty(bench.Change(1, ReplicaState.Accepted, length: TimeSpan.FromMinutes(15)));
        Assert.Empty(bench.Change(1, ReplicaState.Accepted, length: TimeSpan.FromMinutes(5)));
        Assert.Empty(bench.Pass(TimeSpan.FromMinutes(14)).OfType<ShardCommand.CancelLease>());

        Assert.Single(bench.Pass(TimeSpan.FromMinutes(1)).OfType<ShardCommand.CancelLease>());
    }

    [Theory]
    [InlineData(ReplicaState.Failed)]
    [InlineData(ReplicaState.Declined)]
    [InlineData(ReplicaState.Expired)]
    public void Replica_WhenItEnds_IsReplacedAtOnceOnAnotherNode(ReplicaState end)
    {
        AssignTwo();
        var request = Assert.Single(_bench.Change(1, end).OfType<ShardCommand.Want>()).Request;

        Assert.Contains(ShardBench.Node(1), request.ExcludedNodes);
    }

    [Fact]
    public void Replica_WhenOneOwnerGetsTwo_LosesTheSecond()
    {
        _bench.Open();
        _bench.Change(1, ReplicaState.Assigned, _bench.Wants.First().Id);
        var commands = _bench.Change(2, ReplicaState.Assigned, _bench.Wants.Last().Id, owner: 1);

        Assert.Equal(ShardBench.Lease(2), Assert.Single(commands.OfType<ShardCommand.CancelLease>()).Lease);
    }

    [Fact]
    public void Replica_WhenItIsFromBeforeARestart_TakesThePlaceOfOneWanted()
    {
        _bench.Open();
        var commands = _bench.Change(1, ReplicaState.Accepted);

        Assert.Single(commands.OfType<ShardCommand.Withdraw>());
        Assert.Single(_bench.State.Replicas, r => r.IsLive);
        Assert.Single(_bench.State.Replicas, r => r.IsWanted);
    }

    [Fact]
    public void Result_WhenItsLeaseIsFromBeforeARestart_Counts()
    {
        _bench.Open();
        _bench.Return(1, 5);

        Assert.Contains(_bench.Return(2, 5), c => c is ShardCommand.Accept);
    }

    [Fact]
    public void Result_WhenItsOwnerWorksOnTheShardAgain_EndsThatSecondReplica()
    {
        AssignTwo();
        _bench.Change(1, ReplicaState.Expired);
        _bench.Change(3, ReplicaState.Assigned, _bench.Wants.Last().Id, owner: 1);
        var commands = _bench.Return(1, 5);

        Assert.Equal(ShardBench.Lease(3), Assert.Single(commands.OfType<ShardCommand.CancelLease>()).Lease);
    }

    [Fact]
    public void Result_WhenItComesTwice_CountsOnce()
    {
        AssignTwo();
        _bench.Return(1, 5);

        Assert.Empty(_bench.Return(1, 5));
        Assert.Equal(ShardPhase.Open, _bench.State.Phase);
    }

    [Fact]
    public void Result_WhenItComesAgainAfterAcceptance_GetsItsVerdictAgain()
    {
        AssignTwo();
        _bench.Return(1, 5);
        _bench.Return(2, 5);

        Assert.Equal(Verdict.Accepted, Assert.Single(_bench.Return(1, 5).OfType<ShardCommand.TellVerdict>()).Verdict);
    }

    [Theory]
    [InlineData(5, Verdict.TooLate)]
    [InlineData(99, Verdict.Rejected)]
    public void Result_WhenTheShardIsClosed_IsAnsweredTruthfully(float answer, Verdict verdict)
    {
        AssignTwo();
        _bench.Return(1, 5);
        _bench.Return(2, 5);

        Assert.Equal(verdict, Assert.Single(_bench.Return(3, answer).OfType<ShardCommand.TellVerdict>()).Verdict);
    }

    [Fact]
    public void Result_WhenItCannotBeUsed_IsInvalidAndReplaced()
    {
        AssignTwo();
        var commands = _bench.Return(1, 5, problem: "NaN");

        Assert.Equal(Verdict.Invalid, Assert.Single(commands.OfType<ShardCommand.TellVerdict>()).Verdict);
        Assert.Single(commands.OfType<ShardCommand.Want>());
    }

    [Fact]
    public void Wanted_WhenNobodyTookIt_IsAskedForAfresh()
    {
        _bench.Open();
        var before = _bench.Wants.Select(w => w.Id).ToArray();
        var commands = _bench.Pass(_bench.Options.AskAgain);

        Assert.Equal(before, commands.OfType<ShardCommand.Withdraw>().Select(w => w.Request));
        Assert.Equal(2, commands.OfType<ShardCommand.Want>().Count());
        Assert.DoesNotContain(commands.OfType<ShardCommand.Want>(), w => before.Contains(w.Request.Id));
    }

    [Fact]
    public void Shard_WhenEveryReplicaFails_IsGivenUpWithTheLastReason()
    {
        var bench = new ShardBench(VerificationPolicy.None, new JobOptions { ReplicasPerShardMax = 3 });
        bench.Open();
        for (var lease = 1; lease <= 3; lease++)
        {
            bench.Change(lease, ReplicaState.Assigned, bench.Wants.Last().Id);
            bench.Change(lease, ReplicaState.Failed);
        }

        Assert.Equal(ShardPhase.GivenUp, bench.State.Phase);
        Assert.Contains("3 replicas", Assert.Single(bench.Commands.OfType<ShardCommand.GiveUp>()).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 5, Verdict.Accepted)]
    [InlineData(3, 9, Verdict.Rejected)]
    [InlineData(4, 5, Verdict.TooLate)]
    public void Result_WhenItComesAgainAfterARestart_IsAnsweredTruthfully(int lease, float answer, Verdict verdict)
    {
        _bench.Open();
        _bench.Return(1, 5);
        _bench.Return(2, 5);
        _bench.Restart(agreed: [1, 2]);

        Assert.Equal(verdict, Assert.Single(_bench.Return(lease, answer).OfType<ShardCommand.TellVerdict>()).Verdict);
    }

    [Fact]
    public void Abandon_WhenReplicasRun_TakesThemBackAndAnswersTheOthers()
    {
        AssignTwo();
        _bench.Return(1, 5);
        var commands = _bench.Apply(new ShardEvent.Abandoned("cancelled"));

        Assert.Equal(ShardBench.Lease(2), Assert.Single(commands.OfType<ShardCommand.CancelLease>()).Lease);
        Assert.Equal(Verdict.TooLate, Assert.Single(commands.OfType<ShardCommand.TellVerdict>()).Verdict);
    }

    [Fact]
    public void Closed_WhenItIsOpenedAgain_OnlyReportsAgain()
    {
        AssignTwo();
        _bench.Return(1, 5);
        _bench.Return(2, 5);

        Assert.IsType<ShardCommand.ReportAgain>(Assert.Single(_bench.Open()));
    }

    private void AssignTwo()
    {
        _bench.Open();
        var wants = _bench.Wants.ToArray();
        _bench.Change(1, ReplicaState.Assigned, wants[0].Id);
        _bench.Change(2, ReplicaState.Assigned, wants[1].Id);
        _bench.Change(1, ReplicaState.Accepted);
        _bench.Change(2, ReplicaState.Accepted);
    }
}
