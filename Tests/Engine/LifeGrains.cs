using Orleans;
using Orleans.Runtime;

namespace PiGrid.Tests.Engine;

[GenerateSerializer, Alias("PiGrid.Tests.Tally")]
public sealed class Tally
{
    [Id(0)]
    public int Value { get; set; }
}

[Alias("PiGrid.Tests.ILifeGrain")]
public interface ILifeGrain : IGrainWithStringKey
{
    [Alias("Add")]
    Task<int> Add(int value);

    [Alias("Get")]
    Task<(int Value, bool Exists, string? Etag)> Get();

    [Alias("AddManyAtOnce")]
    Task<int> AddManyAtOnce(int count);

    [Alias("Clear")]
    Task Clear();

    [Alias("Refresh")]
    Task Refresh();

    [Alias("StartTimer")]
    Task StartTimer(string gate, bool interleave);

    [Alias("StartFailingTimer")]
    Task StartFailingTimer(string gate);

    [Alias("HoldWhileTimerTicks")]
    Task<bool> HoldWhileTimerTicks(string gate, bool interleave);

    [Alias("Remind")]
    Task Remind(string name, TimeSpan period);

    [Alias("Forget")]
    Task<int> Forget(string name);

    [Alias("Activation")]
    Task<Guid> Activation();

    [Alias("Delay")]
    Task Delay(TimeSpan time);

    [Alias("Retire")]
    Task Retire();
}

/// <summary>Keys say what happens: "fail-..." fails to activate until gate "ok-" + key is open.</summary>
public sealed class LifeGrain([PersistentState("tally")] IPersistentState<Tally> tally) : Grain, ILifeGrain, IRemindable
{
    private readonly Guid _activation = Guid.NewGuid();
    private int _atActivation;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _atActivation = tally.State.Value;
        return Key.StartsWith("fail-", StringComparison.Ordinal) && !Gates.IsOpen("ok-" + Key)
            ? throw new GrainFailureException("cannot start", 3)
            : Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Gates.Open("gone-" + _activation, reason.ReasonCode.ToString());
        return Task.CompletedTask;
    }

    public async Task<int> Add(int value)
    {
        tally.State.Value += value;
        await tally.WriteStateAsync();
        return _atActivation;
    }

    public Task<(int Value, bool Exists, string? Etag)> Get() =>
        Task.FromResult((tally.State.Value, tally.RecordExists, tally.Etag));

    public async Task<int> AddManyAtOnce(int count)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ =>
        {
            tally.State.Value++;
            return tally.WriteStateAsync();
        }));
        return tally.State.Value;
    }

    public Task Clear() => tally.ClearStateAsync();

    public Task Refresh() => tally.ReadStateAsync();

    public Task StartTimer(string gate, bool interleave)
    {
        IGrainTimer? timer = null;
        var ticks = 0;
        timer = this.RegisterGrainTimer(
            _ =>
            {
                if (++ticks == 3)
                {
                    timer!.Dispose();
                    Gates.Open(gate, TaskScheduler.Current.GetType().Name);
                }
                return Task.CompletedTask;
            },
            new() { DueTime = TimeSpan.Zero, Period = TimeSpan.FromMilliseconds(5), Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StartFailingTimer(string gate)
    {
        var ticks = 0;
        this.RegisterGrainTimer(
            () =>
            {
                if (++ticks == 2)
                {
                    Gates.Open(gate);
                }
                throw new InvalidOperationException("A tick fails, the timer goes on.");
            },
            TimeSpan.FromMilliseconds(1),
            TimeSpan.FromMilliseconds(1));
        return Task.CompletedTask;
    }

    public async Task<bool> HoldWhileTimerTicks(string gate, bool interleave)
    {
        var ticked = new TaskCompletionSource();
        using var timer = this.RegisterGrainTimer(
            (source, _) =>
            {
                source.TrySetResult();
                return Task.CompletedTask;
            },
            ticked,
            new() { DueTime = TimeSpan.FromMilliseconds(1), Period = Timeout.InfiniteTimeSpan, Interleave = interleave });
        await Task.WhenAny(ticked.Task, Task.Delay(interleave ? 30_000 : 100));
        Gates.Open(gate);
        return ticked.Task.IsCompleted;
    }

    public Task Remind(string name, TimeSpan period) => this.RegisterOrUpdateReminder(name, TimeSpan.FromMilliseconds(50), period);

    public async Task<int> Forget(string name)
    {
        await this.UnregisterReminder((await this.GetReminder(name))!);
        return (await this.GetReminders()).Count;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Gates.Open(reminderName + Key, _activation.ToString());
        return Task.CompletedTask;
    }

    public Task<Guid> Activation() => Task.FromResult(_activation);

    public Task Delay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task Retire()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
