using Orleans;

namespace PiGrid.Tests.Engine;

/// <summary>Turns: what may run beside what, timeouts, cancellation.</summary>
public abstract class ScheduleContract(EngineFixture engine, IClusterClient client)
{
    [Fact]
    public async Task Call_WhenAnotherIsRunning_WaitsItsTurn()
    {
        var (grain, gate) = (Fresh(), Gates.Fresh());
        var holding = grain.Hold(gate);
        await Gates.Pass(gate + "in");
        var counting = grain.Count();
        Assert.Equal(0, await grain.Peek());
        Assert.False(counting.IsCompleted);
        Gates.Open(gate);
        await holding;
        Assert.Equal(1, await counting);
    }

    [Fact]
    public async Task Calls_WhenReadOnly_RunBesideEachOtherAndNotBesideOthers()
    {
        var (grain, first, second) = (Fresh(), Gates.Fresh(), Gates.Fresh());
        var one = grain.HoldReading(first);
        await Gates.Pass(first + "in");
        var two = grain.HoldReading(second);
        await Gates.Pass(second + "in");
        var counting = grain.Count();
        Assert.Equal(0, await grain.Peek());
        Assert.False(counting.IsCompleted);
        Gates.Open(second);
        Gates.Open(first);
        await Task.WhenAll(one, two);
        Assert.InRange(await counting, 1, 2);
    }

    [Fact]
    public async Task Calls_WhenTheClassIsReentrant_Interleave()
    {
        var (grain, gate) = (client.GetGrain<IOpenTurnGrain>(Gates.Fresh()), Gates.Fresh());
        var holding = grain.Hold(gate);
        await Gates.Pass(gate + "in");
        Assert.Equal(0, await grain.Count());
        Gates.Open(gate);
        await holding;
    }

    [Fact]
    public async Task Turns_WhenManyCallsAwait_NeverOverlap()
    {
        var grain = Fresh();
        var seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.Overlaps(20)));
        Assert.Equal(1, seen.Max());
    }

    [Fact]
    public async Task Calls_WhenEachGrainCallsTheNext_AllRun() => Assert.Equal(300, await Fresh().Chain(300));

    [Fact]
    public async Task Cycle_WhenGrainsWaitForEachOther_TimesOut()
    {
        var (a, b) = (Fresh(), Fresh());
        await Assert.ThrowsAsync<TimeoutException>(() => a.CallThrough(b, a));
    }

    [Fact]
    public async Task OneWay_WhenCalled_CompletesAtOnceAndHidesTheFailure()
    {
        var gate = Gates.Fresh();
        await Fresh().Tell(gate);
        await Gates.Pass(gate);
    }

    [Fact]
    public async Task ResponseTimeout_WhenTheMethodHasItsOwn_FailsTheCallerAndNotTheGrain()
    {
        var (grain, gate) = (Fresh(), Gates.Fresh());
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => grain.HoldBriefly(gate));
        Assert.Contains("HoldBriefly", failure.Message, StringComparison.Ordinal);
        Gates.Open(gate);
        Assert.Equal(1, await grain.Count());
    }

    [Fact]
    public async Task Cancellation_WhenTheCallerCancels_EndsTheCallAndReachesTheGrain()
    {
        var (grain, gate) = (Fresh(), Gates.Fresh());
        using var cancel = new CancellationTokenSource();
        var waiting = grain.AwaitCancel(gate, cancel.Token);
        await Gates.Pass(gate + "in");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal("True", await Gates.Pass(gate + "out"));
    }

    [Fact]
    public async Task Cancellation_WhenTheTokenIsCancelledBefore_DoesNotCallTheGrain()
    {
        var (grain, gate) = (Fresh(), Gates.Fresh());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.AwaitCancel(gate, new CancellationToken(true)));
        Assert.Equal(0, await grain.Count());
        Assert.False(Gates.IsOpen(gate + "in"));
    }

    [Fact]
    public async Task Scheduler_WhenAGrainAwaits_IsTheActivationsThroughout() => Assert.True(await Fresh().SchedulerStays());

    private ITurnGrain Fresh()
    {
        Assert.NotNull(engine.Host);
        return client.GetGrain<ITurnGrain>(Gates.Fresh(), "PiGrid.Tests.Engine.TurnGrain");
    }
}

public sealed class ScheduleTests(EngineFixture engine) : ScheduleContract(engine, engine.Client), IClassFixture<EngineFixture>;

public sealed class ScheduleThroughGatewayTests(EngineFixture engine)
    : ScheduleContract(engine, engine.Remote), IClassFixture<EngineFixture>;
