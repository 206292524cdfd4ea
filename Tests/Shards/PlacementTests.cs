using PiGrid.Grains.Shards;

namespace PiGrid.Tests.Shards;

/// <summary>A shard that the operator's own nodes alone may see; and that terms go along with every replica.</summary>
public class PlacementTests
{
    private static readonly PlacementTerms Private = new() { PrivacyClass = PrivacyClass.Private };

    private readonly ShardBench _bench = new(VerificationPolicy.None, change: spec => spec with { Placement = Private, Audits = true });

    [Fact]
    public void Private_WhenAnOperatorNodeHasComputedIt_IsAcceptedAsAudited()
    {
        _bench.Open();
        var asked = Assert.Single(_bench.Wants);
        Assert.Equal(Private, asked.Placement);

        _bench.Change(1, ReplicaState.Assigned, asked.Id, byOperator: true);
        var commands = _bench.Return(1, 5, byOperator: true);

        var accepted = Assert.Single(commands.OfType<ShardCommand.Accept>());
        Assert.True(accepted.Audited);
        Assert.Empty(accepted.Witnesses);
        Assert.Single(_bench.Wants);
    }

    [Fact]
    public void Private_WhenItsNodeIsLost_GoesToAnotherNodeOfTheSameOwner()
    {
        _bench.Open();
        _bench.Change(1, ReplicaState.Assigned, _bench.Wants.Single().Id, owner: 7, byOperator: true);
        _bench.Change(1, ReplicaState.Suspected, owner: 7, byOperator: true);

        var again = _bench.Wants.Last();
        Assert.NotEqual(_bench.Wants.First().Id, again.Id);
        Assert.Empty(again.ExcludedOwners);
        Assert.Equal([ShardBench.Node(1)], again.ExcludedNodes);
        var commands = _bench.Change(2, ReplicaState.Assigned, again.Id, owner: 7, byOperator: true);
        Assert.DoesNotContain(commands, c => c is ShardCommand.CancelLease);
        _bench.Return(2, 5, owner: 7, byOperator: true);

        Assert.Equal(ShardPhase.Accepted, _bench.State.Phase);
    }

    [Fact]
    public void Private_WhenItsNodeReportsAfterARestart_IsAskedOfNoOther()
    {
        _bench.Open();
        var asked = _bench.Wants.Single();

        var commands = _bench.Change(1, ReplicaState.Accepted, Guid.NewGuid(), byOperator: true);

        Assert.Equal([asked.Id], commands.OfType<ShardCommand.Withdraw>().Select(w => w.Request));
    }

    [Fact]
    public void Terms_GoAlongWithReplicasHedgesAndAudits()
    {
        var terms = new PlacementTerms { PrivacyClass = PrivacyClass.Trusted, Regions = ["eu"], PriceLimit = new(3) };
        var bench = new ShardBench(VerificationPolicy.Quorum(2), change: spec => spec with { Placement = terms, Audits = true });
        bench.Open();
        foreach (var (lease, request) in bench.Wants.ToArray().Select((want, i) => (i + 1, want.Id)))
        {
            bench.Change(lease, ReplicaState.Assigned, request, pace: new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
        }

        bench.Pass(TimeSpan.FromSeconds(3));
        bench.Return(1, 5);
        bench.Return(2, 99);

        Assert.Contains(bench.Wants, want => want.Hedge);
        Assert.Contains(bench.Wants, want => want.Operator);
        Assert.All(bench.Wants, want => Assert.Equal(terms, want.Placement));
    }
}
