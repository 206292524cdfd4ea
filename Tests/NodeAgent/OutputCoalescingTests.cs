using PiGrid.NodeAgent.Work;
using PiGrid.Protocol;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Outputs of calls leave in groups while others wait for slots.</summary>
public class OutputCoalescingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData(20, true, 50, 30)]
    [InlineData(200, true, 50, 50)]
    [InlineData(4, true, 50, 6)]
    [InlineData(3.9, true, 50, 0)]
    [InlineData(20, true, 1, 1)]
    [InlineData(20, false, 50, 0)]
    [InlineData(20, true, 0, 0)]
    [InlineData(-1, true, 50, 0)]
    [InlineData(double.MaxValue, true, 50, 50)]
    [InlineData(double.NaN, true, 50, 50)]
    public void Wait_IsOneAndAHalfRunsWhereOthersWaitForSlots(double ran, bool isCrowded, double waitMax, double expected) => Assert.Equal(
        TimeSpan.FromMilliseconds(expected), CoalescingRules.WaitMax(ran, isCrowded, TimeSpan.FromMilliseconds(waitMax)));

    [Fact]
    public void Outputs_WaitUntilTheyAreEnoughOrOneMayNotWait()
    {
        var coalescing = new OutputCoalescing(new StepTime());
        var held = Enumerable.Range(1, CoalescingRules.GroupMax - 1).Select(_ => coalescing.LeaveAsync(Long)).ToArray();
        Assert.All(held, output => Assert.False(output.IsCompleted));

        Assert.True(coalescing.LeaveAsync(Long).IsCompletedSuccessfully);
        Assert.All(held, output => Assert.True(output.IsCompletedSuccessfully));

        var next = coalescing.LeaveAsync(Long);
        Assert.False(next.IsCompleted);
        Assert.True(coalescing.LeaveAsync(TimeSpan.Zero).IsCompletedSuccessfully && next.IsCompletedSuccessfully);
    }

    [Fact]
    public void Outputs_GoInTheOrderInWhichTheyCame()
    {
        var coalescing = new OutputCoalescing(new StepTime());
        List<int> gone = [];
        foreach (var i in Enumerable.Range(1, 3))
        {
            coalescing.LeaveAsync(Long).ContinueWith(_ => gone.Add(i), TaskContinuationOptions.ExecuteSynchronously);
        }

        Assert.True(coalescing.LeaveAsync(TimeSpan.Zero).IsCompletedSuccessfully);

        Assert.Equal([1, 2, 3], gone);
    }

    [Fact]
    public void Outputs_GoWhenTheTimeOfTheMostUrgentIsOver()
    {
        var time = new StepTime();
        var coalescing = new OutputCoalescing(time);
        var patient = coalescing.LeaveAsync(Long);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var urgent = coalescing.LeaveAsync(Long / 2);
        var other = coalescing.LeaveAsync(Long);
        time.Advance((Long / 2) - TimeSpan.FromMilliseconds(1));
        Assert.False(patient.IsCompleted || urgent.IsCompleted || other.IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(patient.IsCompletedSuccessfully && urgent.IsCompletedSuccessfully && other.IsCompletedSuccessfully);
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
