using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;

namespace PiGrid.Tests.Engine;

/// <summary>Calls, identities, copies and failures.</summary>
public sealed class CallTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Fact]
    public async Task Call_WhenGrainIsNew_ActivatesItUnderItsKey()
    {
        var grain = engine.Client.GetGrain<IEchoGrain>("a key/with+signs");
        Assert.Equal("a key/with+signs", await grain.Key());
        Assert.Equal("echo/a key/with+signs", grain.GetGrainId().ToString());
    }

    [Fact]
    public async Task Call_WhenMadeFromManyCallersAtOnce_ReachesOneActivation()
    {
        var grain = engine.Fresh<IEchoGrain>();
        var seen = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(grain.ActivationOf)));
        Assert.Single(seen.Distinct());
    }

    [Fact]
    public async Task Argument_WhenCallerChangesItAfterwards_IsNotChangedInTheGrain()
    {
        var grain = engine.Fresh<IEchoGrain>();
        var parcel = new Parcel { Name = "a", Items = [1, 2], Inner = new() { ["x"] = new Parcel { Name = "inner" } } };
        await grain.Keep(parcel);
        parcel.Items.Add(3);
        parcel.Inner["x"].Name = "changed";

        var kept = await grain.Kept();
        Assert.Equal([1, 2], kept!.Items);
        Assert.Equal("inner", kept.Inner!["x"].Name);
    }

    [Fact]
    public async Task Result_WhenCallerChangesIt_IsNotChangedInTheGrain()
    {
        var grain = engine.Fresh<IEchoGrain>();
        await grain.Keep(new Parcel { Items = [1] });
        (await grain.Kept())!.Items.Add(2);
        Assert.Equal([1], (await grain.Kept())!.Items);
    }

    [Fact]
    public async Task Record_WhenSentAndReturned_KeepsEveryMember()
    {
        var letter = new Letter(
            Guid.NewGuid(), DateTimeOffset.UnixEpoch, [1, 2, 3], TimeSpan.FromSeconds(1), [4, 5], new Circle("c", 1.5));
        var echo = await engine.Fresh<IEchoGrain>().Echo(letter);
        Assert.Equal(letter with { Pages = echo.Pages, Body = echo.Body }, echo);
        Assert.Equal(letter.Pages.AsEnumerable(), echo.Pages);
        Assert.Equal(letter.Body, echo.Body);
    }

    [Fact]
    public async Task Argument_WhenItsTypeHasNoSerializer_IsRefusedByName()
    {
        var failure = await Assert.ThrowsAsync<CodecNotFoundException>(
            async () => await engine.Fresh<IEchoGrain>().Smuggle(new Contraband()));
        Assert.Contains(nameof(Contraband), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exception_WhenThrownByTheGrain_ReachesTheCallerWithItsTypeAndData()
    {
        var failure = await Assert.ThrowsAsync<GrainFailureException>(() => engine.Fresh<IEchoGrain>().Fail("no", 7));
        Assert.Equal("no", failure.Message);
        Assert.Equal(7, failure.Code);
        var framework = await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Fresh<IEchoGrain>().FailFramework("why"));
        Assert.Equal("why", framework.Message);
    }

    [Fact]
    public async Task Deactivation_WhenTheGrainAsksForIt_MakesTheNextCallActivateAnew()
    {
        var grain = engine.Fresh<IEchoGrain>();
        var before = await grain.ActivationOf();
        await grain.Retire();
        Assert.NotEqual(before, await grain.ActivationOf());
    }

    [Fact]
    public async Task RequestContext_WhenSetByTheCaller_FlowsWithTheCall()
    {
        RequestContext.Set("colour", "blue");
        try
        {
            Assert.Equal("blue", await engine.Fresh<IEchoGrain>().GetContext("colour"));
        }
        finally
        {
            RequestContext.Clear();
        }
        Assert.Null(await engine.Fresh<IEchoGrain>().GetContext("colour"));
    }

    [Fact]
    public async Task Reference_WhenPassedAsArgument_CanBeCalledByTheGrain() =>
        Assert.Equal(3, await engine.Fresh<IEchoGrain>().Count(engine.Client.GetGrain<IEchoGrain>("abc")));
}
