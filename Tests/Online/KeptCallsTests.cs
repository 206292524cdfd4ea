using Microsoft.Extensions.Options;
using PiGrid.Grains.Online;

namespace PiGrid.Tests.Online;

/// <summary>Calls that are over are forgotten in time, each in its grain's turn, whatever their number.</summary>
public sealed class KeptCallsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Keep_IsOverInTime_AndRunsWhereItWasAskedFor()
    {
        using var kept = Calls(TimeSpan.FromMilliseconds(200));
        var grain = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var start = TimeProvider.System.GetTimestamp();
        var forgotten = new TaskCompletionSource<(TaskScheduler Scheduler, TimeSpan After)>(TaskCreationOptions.RunContinuationsAsynchronously);

        await RunAsync(grain, () => kept.Keep(() =>
        {
            forgotten.SetResult((TaskScheduler.Current, TimeProvider.System.GetElapsedTime(start)));
            return Task.CompletedTask;
        }));

        var (scheduler, after) = await forgotten.Task.WaitAsync(Patience);
        Assert.Same(grain, scheduler);
        Assert.True(after >= TimeSpan.FromMilliseconds(200), $"forgotten after {after}");
        Assert.Equal(0, kept.Count);
    }

    [Fact]
    public async Task Keep_OfMany_ForgetsAllInTheirOrder()
    {
        using var kept = Calls(TimeSpan.FromMilliseconds(100));
        var grain = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var forgotten = new List<int>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        for (var i = 0; i < 1_000; i++)
        {
            var number = i;
            await RunAsync(grain, () => kept.Keep(() =>
            {
                forgotten.Add(number);
                if (forgotten.Count == 1_000)
                {
                    all.SetResult();
                }

                return Task.CompletedTask;
            }));
        }

        await all.Task.WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 1_000), forgotten);
    }

    [Fact]
    public async Task Keep_OfOneThatFails_ForgetsTheOthers()
    {
        using var kept = Calls(TimeSpan.Zero);
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        kept.Keep(() => throw new InvalidOperationException("no turn"));
        kept.Keep(() =>
        {
            next.SetResult();
            return Task.CompletedTask;
        });

        await next.Task.WaitAsync(Patience);
    }

    private static KeptCalls Calls(TimeSpan keep) => new(Options.Create(new OnlineOptions { KeepAnswers = keep }), TimeProvider.System);

    private static Task RunAsync(TaskScheduler grain, Action turn) => Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.None, grain);
}
