using static PiGrid.Tests.Scheduling.Wishes;

namespace PiGrid.Tests.Scheduling;

/// <summary>Offers that come late, answers that come later still.</summary>
public class DispatchAnswersTests
{
    private readonly Dispatcher _dispatcher = new();

    [Fact]
    public void Slots_WhenGiven_AreNotGivenAgainBeforeTheNextOffer()
    {
        _dispatcher.Offer(Offer(1));
        _dispatcher.Want(Want(1, shard: 1), Want(2, shard: 2));
        _dispatcher.Take(1, 1);
        _dispatcher.AssertGave((1, 1));

        _dispatcher.Offer(Offer(1, sequence: 2));
        _dispatcher.AssertGave((1, 1), (2, 1));
    }

    [Fact]
    public void Offer_WhenOlderThanTheNewest_ChangesNothing()
    {
        _dispatcher.Offer(Offer(1, free: 0, sequence: 5), Offer(1, free: 3, sequence: 4), Offer(1, free: 3, sequence: 5));
        _dispatcher.Want(Want(1, shard: 1));
        Assert.Empty(_dispatcher.Given);
    }

    [Fact]
    public void Offer_WhenAnAnswerIsOutstanding_LeavesRoomForIt()
    {
        // The second offer may have been made before the node heard of the first replica.
        _dispatcher.Offer(Offer(1, free: 2));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Offer(Offer(1, free: 2, sequence: 2));
        _dispatcher.Want(Want(2, shard: 2), Want(3, shard: 3));
        _dispatcher.AssertGave((1, 1), (2, 1));
    }

    [Fact]
    public void Offer_WhenTheAnswerComesAfterIt_CountsInFull()
    {
        // A fast node is done with the first replica before its answer is here: it must not be left idle.
        _dispatcher.Offer(Offer(1));
        _dispatcher.Want(Want(1, shard: 1), Want(2, shard: 2));
        _dispatcher.Offer(Offer(1, sequence: 2));
        _dispatcher.AssertGave((1, 1));

        _dispatcher.Take(1, 1);
        _dispatcher.AssertGave((1, 1), (2, 1));
    }

    [Fact]
    public void Node_WhenItRefuses_GetsNothingBeforeItsNextOffer()
    {
        _dispatcher.Offer(Offer(1, free: 5));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Refuse(1, 1);
        _dispatcher.AssertGave((1, 1));

        _dispatcher.Offer(Offer(1, sequence: 2));
        _dispatcher.AssertGave((1, 1), (1, 1));
    }

    [Fact]
    public void Node_WhenItRefusesOneShard_TakesAnother()
    {
        _dispatcher.Offer(Offer(1));
        _dispatcher.Want(Want(1, shard: 1), Want(2, shard: 2));
        _dispatcher.Refuse(1, 1, forThisShard: true);
        _dispatcher.AssertGave((1, 1), (2, 1));
    }

    [Fact]
    public void Replica_WhenANodeRefusesItsShard_IsNotGivenToThatNodeAgain()
    {
        _dispatcher.Offer(Offer(1));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Refuse(1, 1, forThisShard: true);
        _dispatcher.Offer(Offer(1, sequence: 2));
        _dispatcher.AssertGave((1, 1));

        _dispatcher.Offer(Offer(2));
        _dispatcher.AssertGave((1, 1), (1, 2));
    }

    [Fact]
    public void Node_WhenItRefusedAndHasNothingNewToSay_IsAskedOnce()
    {
        // An idle node would otherwise stay idle for as long as nothing about it changes.
        _dispatcher.Offer(Offer(1));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Refuse(1, 1);
        _dispatcher.Pass(4.9);
        Assert.Empty(_dispatcher.Asked);

        _dispatcher.Pass(0.1);
        _dispatcher.Pass(60);
        Assert.Equal([Node(1)], _dispatcher.Asked);
    }

    [Fact]
    public void Node_WhenItOfferedSinceItRefused_IsNotAsked()
    {
        _dispatcher.Offer(Offer(1));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Refuse(1, 1);
        _dispatcher.Offer(Offer(1, sequence: 2));
        _dispatcher.Take(1, 1);
        _dispatcher.Pass(60);
        Assert.Empty(_dispatcher.Asked);
    }

    [Fact]
    public void Replica_WhenRefused_GoesToTheNextNode()
    {
        _dispatcher.Offer(Offer(1, speed: 900), Offer(2));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Refuse(1, 1);
        _dispatcher.AssertGave((1, 1), (1, 2));
    }

    [Fact]
    public void Replica_WhenRefused_FreesItsOwnerForTheShardsOthers()
    {
        _dispatcher.Offer(Offer(1, owner: 9, speed: 900), Offer(2, owner: 9));
        _dispatcher.Want(Want(1, shard: 1), Want(2, shard: 1));
        _dispatcher.AssertGave((1, 1));

        // The first goes to the owner's other node; were it withdrawn, the second would.
        _dispatcher.Withdraw(1);
        _dispatcher.Refuse(1, 1);
        _dispatcher.AssertGave((1, 1), (2, 2));
    }

    [Fact]
    public void Refusal_WhenThereIsANewerOffer_DoesNotVoidIt()
    {
        _dispatcher.Offer(Offer(1));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Offer(Offer(1, sequence: 2));
        _dispatcher.Refuse(1, 1);
        _dispatcher.AssertGave((1, 1), (1, 1));
    }

    [Fact]
    public void Answer_WhenNobodyWaitsForIt_ChangesNothing()
    {
        _dispatcher.Offer(Offer(1), Offer(2));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Take(2, 1);
        _dispatcher.Refuse(2, 1);
        _dispatcher.Take(1, 7);
        _dispatcher.Want(Want(2, shard: 2), Want(3, shard: 3));
        _dispatcher.AssertGave((1, 1), (2, 2));
    }

    [Fact]
    public void Node_WhenItGoesAway_GetsNothing()
    {
        _dispatcher.Offer(Offer(1), Offer(1, sequence: 2, available: false));
        _dispatcher.Want(Want(1, shard: 1));
        Assert.Empty(_dispatcher.Given);
        Assert.Empty(_dispatcher.Board.Nodes);
    }

    [Fact]
    public void Replica_WhenItsNodeGoesAwayBeforeAnswering_WaitsForTheAnswer()
    {
        _dispatcher.Offer(Offer(1), Offer(1, sequence: 2, available: false), Offer(2, free: 0));
        _dispatcher.Offer(Offer(1, sequence: 3));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Offer(Offer(1, sequence: 4, available: false), Offer(2, sequence: 2));
        _dispatcher.AssertGave((1, 1));

        _dispatcher.Refuse(1, 1);
        _dispatcher.AssertGave((1, 1), (1, 2));
    }
}
