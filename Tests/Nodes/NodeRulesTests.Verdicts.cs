using PiGrid.Grains.Nodes;
using PiGrid.Protocol;
using PiGrid.Tests.Shards;

namespace PiGrid.Tests.Nodes;

// What nodes are told of their results.
public partial class NodeRulesTests
{
    [Theory]
    [InlineData(Verdict.Accepted)]
    [InlineData(Verdict.Rejected)]
    [InlineData(Verdict.TooLate)]
    public void Verdict_WhenTheNodeIsAway_WaitsForItAndCountsOnce(Verdict verdict)
    {
        Connect();
        var lease = Assign(1).Lease!;
        Do(LeaseRules.Return(_presence, _standing, lease.Id, Start, Options));
        Do(NodeRules.Disconnect(_presence, _standing, Session, "cut", Start));
        Do(LeaseRules.Judge(_presence, _standing, new VerdictMessage(lease.Id, verdict, null), Options));
        Do(LeaseRules.Judge(_presence, _standing, new VerdictMessage(lease.Id, verdict, null), Options));

        Assert.Equal(verdict == Verdict.Accepted ? 1 : 0, _standing.Tally.Accepted);
        Assert.Equal(verdict == Verdict.Rejected ? 1 : 0, _standing.Tally.Wrong);
        Assert.Contains(Connect().Commands, c => c is NodeCommand.Push { Message: VerdictMessage { Verdict: var told } } && told == verdict);
        Assert.Empty(_presence.Untold);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Verdict_OnAResultWhoseLeaseHasEnded_CountsOnce(bool returnedInTime)
    {
        Connect();
        var lease = Assign(1).Lease!;
        Do(LeaseRules.Change(_presence, _standing, lease.Id, ReplicaState.Accepted, null, Start));
        if (returnedInTime)
        {
            Do(LeaseRules.Return(_presence, _standing, lease.Id, Start, Options));
        }

        Do(LeaseRules.Age(_presence, _standing, lease.Deadline, Options));
        Do(LeaseRules.Judge(_presence, _standing, new VerdictMessage(lease.Id, Verdict.Accepted, null), Options));
        Do(LeaseRules.Judge(_presence, _standing, new VerdictMessage(lease.Id, Verdict.Accepted, null), Options));

        Assert.Equal((1, returnedInTime ? 0 : 1), (_standing.Tally.Accepted, _standing.Tally.Expired));
        Assert.Empty(_presence.Late);
    }

    [Fact]
    public void Verdict_WhenItsTellingIsLost_IsToldAgainAndCountsOnce()
    {
        Connect();
        var lease = Assign(1).Lease!;
        Do(LeaseRules.Return(_presence, _standing, lease.Id, Start, Options));
        Do(LeaseRules.Judge(_presence, _standing, new VerdictMessage(lease.Id, Verdict.Accepted, null), Options));

        // The connection broke before the node had the verdict: it reports the lease, and sends the result once more.
        var again = Connect(lease);
        Do(LeaseRules.Return(_presence, _standing, lease.Id, Start, Options));
        var told = Do(LeaseRules.Judge(_presence, _standing, new VerdictMessage(lease.Id, Verdict.Accepted, null), Options));

        Assert.DoesNotContain(again.Commands, c => c is NodeCommand.Tell);
        Assert.Empty(_presence.Leases);
        Assert.Contains(told.Commands, c => c is NodeCommand.Push { Message: VerdictMessage });
        Assert.Equal(1, _standing.Tally.Accepted);
    }

    [Fact]
    public void Verdicts_WhenTheNodeStaysAway_AreBounded()
    {
        for (var i = 0; i < Options.VerdictsKeptMax + 5; i++)
        {
            Do(LeaseRules.Judge(_presence, _standing, new VerdictMessage(ShardBench.Lease(i), Verdict.TooLate, null), Options));
        }

        Assert.Equal(Options.VerdictsKeptMax, _presence.Untold.Count);
        Assert.Equal(ShardBench.Lease(5), _presence.Untold[0].Lease);
    }
}
