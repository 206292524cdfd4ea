using Orleans;
using Orleans.Concurrency;

namespace PiGrid.Tests.Engine;

[Alias("PiGrid.Tests.ITurnGrain")]
public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Opens gate + "in", then holds the grain until the gate opens.</summary>
    [Alias("Hold")]
    Task Hold(string gate);

    [AlwaysInterleave, Alias("Peek")]
    Task<int> Peek();

    [ReadOnly, Alias("HoldReading")]
    Task HoldReading(string gate);

    [Alias("Count")]
    Task<int> Count();

    [Alias("CallThrough")]
    Task<int> CallThrough(ITurnGrain other, ITurnGrain back);

    [OneWay, Alias("Tell")]
    Task Tell(string gate);

    [ResponseTimeout("00:00:00.400"), Alias("HoldBriefly")]
    Task HoldBriefly(string gate);

    [Alias("AwaitCancel")]
    Task AwaitCancel(string gate, CancellationToken cancellationToken);

    [Alias("SchedulerStays")]
    Task<bool> SchedulerStays();

    [Alias("Overlaps")]
    Task<int> Overlaps(int rounds);

    /// <summary>Calls one grain that calls the next, and counts them on the way back.</summary>
    [Alias("Chain")]
    Task<int> Chain(int more);
}

[Alias("PiGrid.Tests.IOpenTurnGrain")]
public interface IOpenTurnGrain : ITurnGrain;

public class TurnGrain : Grain, ITurnGrain
{
    private int _count;
    private int _inside;
    private int _overlapMax;

    public async Task Hold(string gate)
    {
        Gates.Open(gate + "in");
        await Gates.Pass(gate);
        _count++;
    }

    public Task<int> Peek() => Task.FromResult(_count);

    public Task HoldReading(string gate) => Hold(gate);

    public Task<int> Count() => Task.FromResult(_count);

    public async Task<int> CallThrough(ITurnGrain other, ITurnGrain back) =>
        other.GetGrainId() == this.GetGrainId() ? _count : await other.CallThrough(back, back);

    public async Task Tell(string gate)
    {
        await Task.Yield();
        Gates.Open(gate);
        throw new InvalidOperationException("Nobody hears this.");
    }

    public Task HoldBriefly(string gate) => Hold(gate);

    public async Task AwaitCancel(string gate, CancellationToken cancellationToken)
    {
        Gates.Open(gate + "in");
        using var cancelled = cancellationToken.Register(() => Gates.Open(gate));
        await Gates.Pass(gate);
        Gates.Open(gate + "out", cancellationToken.IsCancellationRequested.ToString());
    }

    public async Task<bool> SchedulerStays()
    {
        var before = TaskScheduler.Current;
        await Task.Yield();
        await Task.Run(() => { });
        var started = await Task.Factory.StartNew(() => TaskScheduler.Current);
        return before != TaskScheduler.Default && TaskScheduler.Current == before && started == before;
    }

    /// <summary>How many turns ever ran at once, with awaits between: more than one only where that is allowed.</summary>
    public async Task<int> Overlaps(int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            _overlapMax = Math.Max(_overlapMax, ++_inside);
            await Task.Yield();
            _inside--;
        }
        return _overlapMax;
    }

    public async Task<int> Chain(int more) =>
        more == 0 ? 0 : 1 + await GrainFactory.GetGrain<IOpenTurnGrain>($"{this.GetPrimaryKeyString()}>").Chain(more - 1);
}

[Reentrant]
public sealed class OpenTurnGrain : TurnGrain, IOpenTurnGrain;
