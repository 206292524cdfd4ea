using PiGrid.NodeAgent.Work;
using PiGrid.Protocol;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Outputs of calls leave in pairs while others wait for slots.</summary>
public class OutputCoalescingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(15);

    [Theory]
    [InlineData(20, true, 15, 10)]
    [InlineData(200, true, 15, 15)]
    [InlineData(4, true, 15, 2)]
    [InlineData(3.9, true, 15, 0)]
    [InlineData(20, false, 15, 0)]
    [InlineData(20, true, 0, 0)]
    [InlineData(-1, true, 15, 0)]
    [InlineData(double.MaxValue, true, 15, 15)]
    [InlineData(double.NaN, true, 15, 15)]
    public void Wait_IsHalfOfTheRunWhereOthersWaitForSlots(double ran, bool isCrowded, double waitMax, double expected) => Assert.Equal(
        TimeSpan.FromMilliseconds(expected), CoalescingRules.WaitMax(ran, isCrowded, TimeSpan.FromMilliseconds(waitMax)));

    [Fact]
    public void Output_WaitsForTheNextAndGoesBeforeIt()
    {
        var coalescing = new OutputCoalescing(new StepTime());
        var first = coalescing.LeaveAsync(Long);
        Assert.False(first.IsCompleted);

        var second = coalescing.LeaveAsync(Long);
        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully);

        var third = coalescing.LeaveAsync(Long);
        Assert.False(third.IsCompleted);
        Assert.True(coalescing.LeaveAsync(TimeSpan.Zero).IsCompletedSuccessfully && third.IsCompletedSuccessfully);
    }

    [Fact]
    public void Output_WhenNoOtherComes_GoesWhenItsTimeIsOver()
    {
        var time = new StepTime();
        var coalescing = new OutputCoalescing(time);
        var output = coalescing.LeaveAsync(Long);
        time.Advance(Long - TimeSpan.FromMilliseconds(1));
        Assert.False(output.IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(output.IsCompletedSuccessfully);
        Assert.True(coalescing.LeaveAsync(TimeSpan.Zero).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Output_OfACallBehindWhichOthersWait_LeavesWithTheNext()
    {
        // The clock stands still: what waits, waits for another output alone.
        await using var bench = await DeskBench.StartAsync(new StepTime(), slots: 2);
        using var turn = await bench.BusyAsync();
        var (input, endless) = (Works.Longs("x", 8_000_000), Works.Floats(("x", [1])));
        Assignment[] calls =
        [
            bench.Grid.AssignCall(Works.Order(bench.Grid, Works.Expand(bench.Grid, new()), input), bench.Node, null, input),
            bench.Grid.AssignCall(Works.Order(bench.Grid, Works.Endless(bench.Grid, 1), endless), bench.Node, null, endless),
            bench.Call(2),
        ];
        bench.Said();

        foreach (var call in calls)
        {
            bench.Desk.Take(call);
        }

        await bench.Desk.Idle.WaitAsync(Patience.Limit);

        var results = bench.SaidWhile().Where(said => said.Message is ResultMessage).ToArray();
        Assert.Equal(calls.Select(call => call.Lease.Lease.Id), results.Select(said => ((ResultMessage)said.Message).Result.Lease.Lease.Id));

        // By itself it would have gone while the second ran and the third waited.
        Assert.Equal(0, results[0].Waiting);
    }
}
