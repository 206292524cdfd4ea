using PiGrid.Grains.Scheduling;
using static PiGrid.Tests.Scheduling.Wishes;

namespace PiGrid.Tests.Scheduling;

public class HedgeBudgetTests
{
    [Fact]
    public void Hedge_WhenTheBudgetIsSpent_WaitsForOrdinaryReplicasToEarnIt()
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { HedgeShare = 0.5, HedgeSavingsMax = 1 });
        dispatcher.Offer(Enumerable.Range(1, 9).Select(n => Offer(n, cached: 1)).ToArray());
        dispatcher.Want(Want(1, shard: 1, hedge: true), Want(2, shard: 2, hedge: true));
        AssertGave(1);

        dispatcher.Want(Want(3, shard: 3));
        TakeNewest();
        AssertGave(1, 3);

        dispatcher.Want(Want(4, shard: 4));
        TakeNewest();
        AssertGave(1, 3, 4, 2);

        void TakeNewest() => dispatcher.On(new DispatchEvent.Assigned(dispatcher.Given[^1].Node, dispatcher.Given[^1].Request));
        void AssertGave(params int[] requests) => Assert.Equal(requests.Select(Request), dispatcher.Given.Select(g => g.Request));
    }

    [Fact]
    public void Hedge_WhenItsNodeRefuses_CostsNothing()
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { HedgeShare = 0.5, HedgeSavingsMax = 1 });
        dispatcher.Offer(Offer(1));
        dispatcher.Want(Want(1, shard: 1, hedge: true));
        dispatcher.Refuse(1, 1);
        dispatcher.Offer(Offer(2));

        dispatcher.AssertGave((1, 1), (1, 2));
    }

    [Fact]
    public void Hedge_WhenTheShareIsZero_IsNeverGiven()
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { HedgeShare = 0 });
        dispatcher.Offer(Offer(1, free: 9));
        dispatcher.Want(Want(1, shard: 1, hedge: true), Want(2, shard: 2), Want(3, shard: 3, hedge: true, tail: true));
        dispatcher.Take(1, 2);

        dispatcher.AssertGave((2, 1));
    }

    [Fact]
    public void Hedge_WhenItIsOfAJobsTail_FillsIdleNodesBeyondTheBudget()
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { HedgeShare = 0.04, HedgeSavingsMax = 1 });
        dispatcher.Offer(Offer(1), Offer(2));
        dispatcher.Want(Want(1, shard: 1, hedge: true), Want(2, shard: 2, hedge: true), Want(3, shard: 3, hedge: true, tail: true));

        dispatcher.AssertGave((1, 1), (3, 2));
    }

    [Fact]
    public void Hedge_WhenItIsOfAJobsTail_GoesAfterOrdinaryReplicas()
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { HedgeShare = 0.04, HedgeSavingsMax = 0 });
        dispatcher.Want(Want(1, shard: 1, hedge: true, tail: true), Want(2, shard: 2, askedMs: 9));
        dispatcher.Offer(Offer(1));
        dispatcher.Offer(Offer(2));

        dispatcher.AssertGave((2, 1), (1, 2));
    }

    [Fact]
    public void Hedge_WhenItIsOfAJobsTailAndRefused_GivesNothingBackToTheBudget()
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { HedgeShare = 0.04, HedgeSavingsMax = 0 });
        dispatcher.Offer(Offer(1));
        dispatcher.Want(Want(1, shard: 1, hedge: true, tail: true));
        dispatcher.Refuse(1, 1);

        Assert.False(dispatcher.Board.Hedges.Allows);
    }

    [Fact]
    public void Hedges_OverManyReplicas_StayWithinTheShare()
    {
        var options = new SchedulingOptions { HedgeShare = 0.04, HedgeSavingsMax = 5 };
        var dispatcher = new Dispatcher(options);
        dispatcher.Offer(Offer(1, free: 64, slots: 64));
        for (var i = 0; i < 1_000; i++)
        {
            dispatcher.Want(Want(2 * i, shard: 2 * i), Want((2 * i) + 1, shard: (2 * i) + 1, hedge: true));
            foreach (var (request, _) in dispatcher.Given.Skip(dispatcher.Given.Count - 8).ToArray())
            {
                dispatcher.On(new DispatchEvent.Assigned(Node(1), request));
            }

            dispatcher.Offer(Offer(1, free: 64, slots: 64, sequence: i + 2));
        }

        var hedges = dispatcher.Given.Select(g => g.Request).Count(request => Enumerable.Range(0, 1_000).Any(i => Request((2 * i) + 1) == request));
        Assert.InRange(hedges, 40, 45);
    }

    [Fact]
    public void Pace_WhenEnoughAreKnown_TravelsWithTheReplica()
    {
        var dispatcher = new Dispatcher();
        var request = Want(1, shard: 1);
        var took = Enumerable.Range(1, 20).Select(n => new FinishedReplica(request.Order.Work.Manifest.Sha256, 0, TimeSpan.FromMilliseconds(n * 10)));
        dispatcher.Offer(Offer(1, free: 1) with { Finished = took.ToArray() });

        var pace = Assert.Single(dispatcher.On(new DispatchEvent.Wanted(request)).OfType<DispatchCommand.Assign>()).Pace!;
        Assert.InRange(pace.Typical.TotalMilliseconds, 95, 105);
        Assert.InRange(pace.Slow.TotalMilliseconds, 180, 200);
        Assert.Null(dispatcher.Board.Paces.Of(Want(2, shard: 2) with { Order = request.Order with { Inputs = new ShardInput[2] } }));
    }

    [Fact]
    public void Sketch_WhateverIsAdded_GivesQuantilesWithinFivePercent()
    {
        var sketch = new DurationSketch();
        for (var i = 1; i <= 1_000; i++)
        {
            sketch.Add(TimeSpan.FromMilliseconds(i));
        }

        foreach (var share in new[] { 0.01, 0.5, 0.95, 0.99, 1 })
        {
            Assert.InRange(sketch.Quantile(share).TotalMilliseconds, share * 1_000 * 0.95, share * 1_000 * 1.05);
        }

        sketch.Add(TimeSpan.FromDays(1_000));
        sketch.Add(TimeSpan.FromSeconds(-1));
        Assert.Equal(1_002, sketch.Known);
    }

    [Fact]
    public void Sketch_WhenThePaceChanges_FollowsIt()
    {
        var sketch = new DurationSketch();
        for (var i = 0; i < 20_000; i++)
        {
            sketch.Add(TimeSpan.FromSeconds(i < 10_000 ? 1 : 10));
        }

        Assert.InRange(sketch.Quantile(0.5).TotalSeconds, 9.5, 10.5);
    }
}
