using PiGrid.Grains.Nodes;
using PiGrid.Protocol;
using PiGrid.Tests.Shards;

namespace PiGrid.Tests.Nodes;

// Online calls beyond a node's slots.
public partial class NodeRulesTests
{
    [Fact]
    public void Calls_WhenTheSlotsAreTaken_WaitOnTheNodeAsFarAsItTakesThem()
    {
        Connect(callsAhead: 2);
        Assert.Equal((2, 4), Free());

        Assert.All(Enumerable.Range(1, 4), call => Assert.NotNull(Assign(call, isCall: true).Lease));

        Assert.Equal((0, 0), Free());
        Assert.Equal("the node has no free slot", Assign(5, isCall: true).Outcome.Refused);
        Do(LeaseRules.Return(_presence, _standing, ShardBench.Lease(1), Start.AddSeconds(1), Options));
        Assert.Equal((0, 1), Free());
    }

    [Fact]
    public void Calls_WhenOtherWorkHasAllSlots_DoNotWaitForIt()
    {
        Connect(callsAhead: 2);
        Assign(1);
        Assert.Equal((1, 3), Free());

        Assign(2);

        Assert.Equal((0, 0), Free());
        Assert.Equal("the node has no free slot", Assign(3, isCall: true).Outcome.Refused);
    }

    [Fact]
    public void Calls_WhenTheNodeTakesMoreThanTheGridAllows_AreAsManyAsThat()
    {
        Connect(callsAhead: 1000);

        Assert.Equal((2, 2 + Options.CallsAheadMax), Free());
    }

    [Fact]
    public void Heartbeat_WhenPaused_LetsNoCallWait()
    {
        Connect(callsAhead: 2);
        Do(NodeRules.Heartbeat(_presence, _standing, Session, new NodeHeartbeat { FreeSlots = 0, PausedReason = "it is day" }, Start, Options));

        Assert.Equal((0, 0), Free());
    }

    [Fact]
    public void Call_WhoseResultComesBeforeItIsAccepted_IsReturnedAndCounts()
    {
        Connect(callsAhead: 2);
        var lease = Assign(1, isCall: true).Lease!;

        var returned = Do(LeaseRules.Return(_presence, _standing, lease.Id, Start.AddMilliseconds(2), Options));

        Assert.IsType<NodeCommand.Offer>(Assert.Single(returned.Commands));
        Assert.Equal((2, 4), Free());
        Assert.Empty(LeaseRules.Change(_presence, _standing, lease.Id, ReplicaState.Accepted, null, Start.AddMilliseconds(60)).Commands);
        Assert.Empty(LeaseRules.Age(_presence, _standing, Start + Options.AcceptTimeout, Options).Commands);
        Do(LeaseRules.Judge(_presence, _standing, new VerdictMessage(lease.Id, Verdict.Accepted, null), Options));
        Assert.Equal(1, _standing.Tally.Accepted);
        Assert.Empty(_presence.Leases);
    }

    private (int Slots, int Calls) Free() => NodeRules.ToOffer(_presence, _standing) is { } offer ? (offer.FreeSlots, offer.FreeCalls) : default;
}
