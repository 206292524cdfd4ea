using PiGrid.Grains.Shards;

namespace PiGrid.Tests.Shards;

public class HedgeRulesTests
{
    private static readonly ReplicaPace Pace = new(Typical: TimeSpan.FromSeconds(2), Slow: TimeSpan.FromSeconds(5));

    private readonly ShardBench _bench = new(VerificationPolicy.None);

    [Fact]
    public void Replica_WhenSlowerThanItsKind_IsHedgedOnceAndBothCount()
    {
        Give();
        Assert.Equal(_bench.Now + Pace.Slow, ShardRules.WakeAt(_bench.State, _bench.Now, _bench.Options));
        Assert.DoesNotContain(_bench.Pass(TimeSpan.FromSeconds(4.9)), c => c is ShardCommand.Want);

        var hedge = Assert.Single(_bench.Pass(TimeSpan.FromSeconds(0.1)).OfType<ShardCommand.Want>()).Request;
        Assert.True(hedge.Hedge);
        Assert.Contains(ShardBench.Owner(1), hedge.ExcludedOwners);
        Assert.DoesNotContain(_bench.Pass(TimeSpan.FromSeconds(1)), c => c is ShardCommand.Want);

        // The hedge is faster: the shard is done, and the slow one is taken back.
        _bench.Change(2, ReplicaState.Assigned, hedge.Id, pace: Pace);
        var commands = _bench.Return(2, 5);
        Assert.Contains(commands, c => c is ShardCommand.Accept);
        Assert.Equal(ShardBench.Lease(1), Assert.Single(commands.OfType<ShardCommand.CancelLease>()).Lease);
        Assert.Equal(1, _bench.State.Hedges);
    }

    [Fact]
    public void Hedge_WhenTheSlowReplicaReturnsBeforeItIsGiven_IsNoLongerWanted()
    {
        Give();
        var hedge = Assert.Single(_bench.Pass(Pace.Slow).OfType<ShardCommand.Want>()).Request;

        var commands = _bench.Return(1, 5);
        Assert.Equal(hedge.Id, Assert.Single(commands.OfType<ShardCommand.Withdraw>()).Request);
        Assert.Contains(commands, c => c is ShardCommand.Accept);
    }

    [Fact]
    public void Hedge_WhenItIsSlowToo_IsHedgedUpToTheLimit()
    {
        Give();
        for (var lease = 2; lease <= 1 + _bench.Options.HedgesPerShardMax; lease++)
        {
            var hedge = Assert.Single(_bench.Pass(Pace.Slow).OfType<ShardCommand.Want>()).Request;
            _bench.Change(lease, ReplicaState.Assigned, hedge.Id, pace: Pace);
        }

        Assert.DoesNotContain(_bench.Pass(Pace.Slow), c => c is ShardCommand.Want);
    }

    [Fact]
    public void Hedge_WhenTheSlowReplicaIsLost_MakesRoomForAnOrdinaryOne()
    {
        Give();
        var hedge = Assert.Single(_bench.Pass(Pace.Slow).OfType<ShardCommand.Want>()).Request;

        var commands = _bench.Change(1, ReplicaState.Failed);
        Assert.Equal(hedge.Id, Assert.Single(commands.OfType<ShardCommand.Withdraw>()).Request);
        Assert.False(Assert.Single(commands.OfType<ShardCommand.Want>()).Request.Hedge);
    }

    [Fact]
    public void Tail_WhenTheJobHurries_HedgesWhatTakesLongerThanTheMedian()
    {
        Give();
        _bench.Pass(Pace.Typical);

        Assert.True(Assert.Single(_bench.Apply(new ShardEvent.Hurried()).OfType<ShardCommand.Want>()).Request is { Hedge: true, Tail: true });
    }

    [Fact]
    public void Tail_WhenAHedgeWaitsAlready_AsksForItAnew()
    {
        Give();
        var before = Assert.Single(_bench.Pass(Pace.Slow).OfType<ShardCommand.Want>()).Request;
        Assert.False(before.Tail);

        var commands = _bench.Apply(new ShardEvent.Hurried());
        Assert.Equal(before.Id, Assert.Single(commands.OfType<ShardCommand.Withdraw>()).Request);
        Assert.True(Assert.Single(commands.OfType<ShardCommand.Want>()).Request.Tail);
        Assert.Empty(_bench.Apply(new ShardEvent.Hurried()));
    }

    [Fact]
    public void Tail_WhenAReplicasPaceIsUnknown_HedgesItAtOnce()
    {
        Give(pace: null);

        Assert.True(Assert.Single(_bench.Apply(new ShardEvent.Hurried()).OfType<ShardCommand.Want>()).Request.Tail);
    }

    [Fact]
    public void Replica_WhenItsPaceIsUnknown_IsNotHedged()
    {
        Give(pace: null);

        Assert.DoesNotContain(_bench.Pass(TimeSpan.FromMinutes(5)), c => c is ShardCommand.Want);
    }

    [Fact]
    public void Replica_WhenItsNodeIsSuspected_IsReplacedAtOnceByAnOrdinaryOne()
    {
        Give();
        var other = Assert.Single(_bench.Change(1, ReplicaState.Suspected).OfType<ShardCommand.Want>()).Request;
        Assert.False(other.Hedge);

        // It was a false alarm.
        Assert.Equal(other.Id, Assert.Single(_bench.Change(1, ReplicaState.Accepted).OfType<ShardCommand.Withdraw>()).Request);
    }

    private void Give() => Give(Pace);

    private void Give(ReplicaPace? pace)
    {
        _bench.Open();
        _bench.Change(1, ReplicaState.Assigned, _bench.Wants.Single().Id, pace: pace);
    }
}
