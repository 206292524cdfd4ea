using static PiGrid.Tests.Scheduling.Wishes;

namespace PiGrid.Tests.Scheduling;

/// <summary>Online calls that wait on a node for its next free slot, so that their inputs are there by then.</summary>
public class CallsAheadTests
{
    private readonly Dispatcher _dispatcher = new();

    [Fact]
    public void Calls_WhenAllSlotsAreTaken_WaitOnTheNodeAsFarAsItTakesThem()
    {
        _dispatcher.Offer(Ahead(Offer(1, free: 1), 2));

        _dispatcher.Want(Call(1), Call(2), Call(3), Call(4));

        _dispatcher.AssertGave((1, 1), (2, 1), (3, 1));
    }

    [Fact]
    public void Job_WhenCallsHaveAllSlots_WaitsForAFreeOne()
    {
        _dispatcher.Offer(Ahead(Offer(1, free: 1), 2));
        _dispatcher.Want(Call(1), Want(2, shard: 2));
        _dispatcher.Take(1, 1);
        _dispatcher.AssertGave((1, 1));

        _dispatcher.Offer(Ahead(Offer(1, free: 1, sequence: 2), 2));

        _dispatcher.AssertGave((1, 1), (2, 1));
    }

    [Fact]
    public void Call_WhenOtherWorkHasTheLastSlot_WaitsForTheNodesNextOffer()
    {
        _dispatcher.Offer(Ahead(Offer(1, free: 1), 2));
        _dispatcher.Want(Want(1, shard: 1), Call(2));
        _dispatcher.Take(1, 1);
        _dispatcher.AssertGave((1, 1));

        _dispatcher.Offer(Ahead(Offer(1, free: 0, sequence: 2), 1));

        _dispatcher.AssertGave((1, 1), (2, 1));
    }

    [Fact]
    public void Call_WhenAnotherNodeHasAFreeSlot_GoesThere()
    {
        _dispatcher.Offer(Ahead(Offer(1, free: 0, slots: 1, cached: 1), 2), Ahead(Offer(2, free: 1, slots: 9), 2));

        _dispatcher.Want(Call(1));

        _dispatcher.AssertGave((1, 2));
    }

    [Fact]
    public void Calls_WhenNoNodeHasAFreeSlot_SpreadOverThem()
    {
        _dispatcher.Offer(Ahead(Offer(1, free: 0, slots: 1), 2), Ahead(Offer(2, free: 0, slots: 1), 2));

        _dispatcher.Want(Call(1), Call(2), Call(3), Call(4), Call(5));

        Assert.Equal([2, 2], _dispatcher.Given.GroupBy(given => given.Node).Select(given => given.Count()));
    }

    [Fact]
    public void Hedge_WhenAllSlotsAreTaken_DoesNotWaitOnANode()
    {
        _dispatcher.Offer(Ahead(Offer(1, free: 0, slots: 1), 2));

        _dispatcher.Want(Call(1) with { Hedge = true });

        Assert.Empty(_dispatcher.Given);
    }

    [Fact]
    public void Call_WhenANodeOffersRoomToWait_IsGivenToIt()
    {
        _dispatcher.Offer(Offer(1, free: 0, slots: 1));
        _dispatcher.Want(Call(1));
        Assert.Empty(_dispatcher.Given);

        _dispatcher.Offer(Ahead(Offer(1, free: 0, slots: 1, sequence: 2), 1));

        _dispatcher.AssertGave((1, 1));
    }

    private static NodeOffer Ahead(NodeOffer offer, int ahead) => offer with
    {
        FreeCalls = offer.FreeSlots + ahead,
        Profile = offer.Profile with { CallsAhead = 2 },
    };

    private static ReplicaRequest Call(int request) => Want(request, shard: request) with { Shard = CallShard(request) };
}
