using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Storage;

namespace PiGrid.Tests.Engine;

/// <summary>State, timers, reminders and the life of activations.</summary>
public sealed class LifeTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Fact]
    public async Task State_WhenWritten_IsThereBeforeTheNextActivationRuns()
    {
        var grain = engine.Fresh<ILifeGrain>();
        Assert.Equal((0, false, null), await grain.Get());
        Assert.Equal(0, await grain.Add(5));
        var (value, exists, etag) = await grain.Get();
        Assert.Equal((5, true), (value, exists));
        Assert.NotNull(etag);
        await Retire(grain);
        Assert.Equal(5, await grain.Add(1));
    }

    [Fact]
    public async Task State_WhenCleared_IsBlankWithoutRecord()
    {
        var grain = engine.Fresh<ILifeGrain>();
        await grain.Add(5);
        await grain.Clear();
        var (value, exists, _) = await grain.Get();
        Assert.Equal((0, false), (value, exists));
        await grain.Add(2);
        Assert.Equal(2, (await grain.Get()).Value);
    }

    [Fact]
    public async Task State_WhenWritesOverlap_RunsThemInOrderAndSharesThem()
    {
        var grain = engine.Fresh<ILifeGrain>();
        Assert.Equal(50, await grain.AddManyAtOnce(50));
        await grain.Refresh();
        Assert.Equal(50, (await grain.Get()).Value);
        var storage = (TestStorage)engine.Host.Services.GetRequiredService<IGrainStorage>();
        Assert.InRange(storage.WritesOf(grain.GetGrainId()), 1, 2);
    }

    [Fact]
    public async Task State_WhenSomebodyElseWrote_FailsTheCallAndReactivatesTheGrain()
    {
        var grain = engine.Fresh<ILifeGrain>();
        await grain.Add(1);
        var before = await grain.Activation();
        var storage = (TestStorage)engine.Host.Services.GetRequiredService<IGrainStorage>();
        storage.Overwrite("tally", grain.GetGrainId(), new Tally { Value = 40 });
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Add(1));
        Assert.Equal("ApplicationError", await Gates.Pass("gone-" + before));
        Assert.NotEqual(before, await grain.Activation());
        Assert.Equal(40, (await grain.Get()).Value);
    }

    [Fact]
    public async Task Activation_WhenItFails_FailsItsCallsAndTheNextCallTriesAgain()
    {
        var grain = engine.Client.GetGrain<ILifeGrain>("fail-" + Gates.Fresh());
        var failure = await Assert.ThrowsAsync<GrainFailureException>(() => grain.Activation());
        Assert.Equal(3, failure.Code);
        Gates.Open("ok-" + grain.GetPrimaryKeyString());
        await grain.Activation();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Timer_WhenRegistered_TicksInTurnsUntilDisposed(bool interleave)
    {
        var gate = Gates.Fresh();
        await engine.Fresh<ILifeGrain>().StartTimer(gate, interleave);
        Assert.NotEqual("ThreadPoolTaskScheduler", await Gates.Pass(gate));
    }

    [Fact]
    public async Task Timer_WhenATickFails_TicksAgain()
    {
        var gate = Gates.Fresh();
        await engine.Fresh<ILifeGrain>().StartFailingTimer(gate);
        await Gates.Pass(gate);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Timer_WhenACallHoldsTheGrain_TicksOnlyIfInterleaving(bool interleave) =>
        Assert.Equal(interleave, await engine.Fresh<ILifeGrain>().HoldWhileTimerTicks(Gates.Fresh(), interleave));

    [Fact]
    public async Task Reminder_WhenDue_WakesTheGrainAnew()
    {
        await using var host = await TestHost.StartAsync(silo => silo.Configure<ReminderOptions>(
            options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(200)));
        var grain = host.Client.GetGrain<ILifeGrain>(Gates.Fresh());
        await grain.Remind("wake", TimeSpan.FromMilliseconds(200));
        var before = await grain.Activation();
        Assert.Equal(before.ToString(), await Gates.Pass("wake" + grain.GetPrimaryKeyString()));
        Assert.Equal(0, await grain.Forget("wake"));
    }

    [Fact]
    public async Task Reminder_WhenThePeriodIsTooShort_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => engine.Fresh<ILifeGrain>().Remind("often", TimeSpan.FromSeconds(59)));

    [Fact]
    public async Task Activation_WhenIdle_IsCollectedUnlessDelayed()
    {
        await using var host = await TestHost.StartAsync(silo => silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromMilliseconds(50);
            options.CollectionAge = TimeSpan.FromMilliseconds(200);
        }));
        var delayed = host.Client.GetGrain<ILifeGrain>(Gates.Fresh());
        var kept = await delayed.Activation();
        await delayed.Delay(TimeSpan.FromMinutes(10));
        var grain = host.Client.GetGrain<ILifeGrain>(Gates.Fresh());
        Assert.Equal("ActivationIdle", await Gates.Pass("gone-" + await grain.Activation()));
        Assert.Equal(kept, await delayed.Activation());
    }

    [Fact]
    public async Task Shutdown_WhenTheSiloStops_DeactivatesEveryGrain()
    {
        var host = await TestHost.StartAsync();
        var grain = host.Client.GetGrain<ILifeGrain>(Gates.Fresh());
        var activation = await grain.Activation();
        await host.DisposeAsync();
        Assert.Equal("ShuttingDown", await Gates.Pass("gone-" + activation));
    }

    private static async Task Retire(ILifeGrain grain)
    {
        var activation = await grain.Activation();
        await grain.Retire();
        Assert.Equal("ApplicationRequested", await Gates.Pass("gone-" + activation));
    }
}
