using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;

namespace PiGrid.Tests.Engine;

/// <summary>Calls, identities, copies and failures.</summary>
public abstract class CallContract(EngineFixture engine, IClusterClient client)
{
    [Fact]
    public async Task Call_WhenGrainIsNew_ActivatesItUnderItsKey()
    {
        var grain = client.GetGrain<IEchoGrain>("a key/with+signs");
        Assert.Equal("a key/with+signs", await grain.Key());
        Assert.Equal("echo/a key/with+signs", grain.GetGrainId().ToString());
    }

    [Fact]
    public async Task Call_WhenMadeFromManyCallersAtOnce_ReachesOneActivation()
    {
        var grain = Fresh();
        var seen = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(grain.ActivationOf)));
        Assert.Single(seen.Distinct());
    }

    [Fact]
    public async Task Argument_WhenCallerChangesItAfterwards_IsNotChangedInTheGrain()
    {
        var grain = Fresh();
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
        var grain = Fresh();
        await grain.Keep(new Parcel { Items = [1] });
        (await grain.Kept())!.Items.Add(2);
        Assert.Equal([1], (await grain.Kept())!.Items);
    }

    [Fact]
    public async Task Record_WhenSentAndReturned_KeepsEveryMember()
    {
        var letter = new Letter(
            Guid.NewGuid(), DateTimeOffset.UnixEpoch, [1, 2, 3], TimeSpan.FromSeconds(1), [4, 5], new Circle("c", 1.5));
        var echo = await Fresh().Echo(letter);
        Assert.Equal(letter with { Pages = echo.Pages, Body = echo.Body }, echo);
        Assert.Equal(letter.Pages.AsEnumerable(), echo.Pages);
        Assert.Equal(letter.Body, echo.Body);
    }

    [Fact]
    public async Task Argument_WhenItsTypeHasNoSerializer_IsRefusedByName()
    {
        var failure = await Assert.ThrowsAsync<CodecNotFoundException>(
            async () => await Fresh().Smuggle(new Contraband()));
        Assert.Contains(nameof(Contraband), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exception_WhenThrownByTheGrain_ReachesTheCallerWithItsTypeAndData()
    {
        var failure = await Assert.ThrowsAsync<GrainFailureException>(() => Fresh().Fail("no", 7));
        Assert.Equal("no", failure.Message);
        Assert.Equal(7, failure.Code);
        var framework = await Assert.ThrowsAsync<InvalidOperationException>(() => Fresh().FailFramework("why"));
        Assert.Equal("why", framework.Message);
    }

    [Fact]
    public async Task Deactivation_WhenTheGrainAsksForIt_MakesTheNextCallActivateAnew()
    {
        var grain = Fresh();
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
            Assert.Equal("blue", await Fresh().GetContext("colour"));
        }
        finally
        {
            RequestContext.Clear();
        }
        Assert.Null(await Fresh().GetContext("colour"));
    }

    [Fact]
    public async Task Reference_WhenPassedAsArgument_CanBeCalledByTheGrain() =>
        Assert.Equal(3, await Fresh().Count(client.GetGrain<IEchoGrain>("abc")));

    [Fact]
    public async Task Values_WhenSentAsObjects_KeepTheirTypes()
    {
        foreach (var value in Values())
        {
            var echo = await Fresh().EchoObject(value);
            Assert.Equal(value?.GetType(), echo?.GetType());
            Assert.Equivalent(value, echo, strict: true);
        }
    }

    [Fact]
    public async Task Reference_WhenSentAsObject_IsAReferenceToTheSameGrain()
    {
        var grain = Fresh();
        var echo = Assert.IsAssignableFrom<IAddressable>(await grain.EchoObject(grain));
        Assert.Equal(await grain.ActivationOf(), await echo.AsReference<IEchoGrain>().ActivationOf());
        Assert.Equal(grain.GetGrainId(), echo.GetGrainId());
    }

    private static IEnumerable<object?> Values() =>
    [
        null, 1, -2L, 3.5, 4.25m, "text", true, 'c', (byte)7, Guid.NewGuid(), DateTime.UnixEpoch, DateTimeOffset.UnixEpoch,
        TimeSpan.FromMinutes(3), new Uri("http://localhost/x"), new Version(1, 2, 3), DeactivationReasonCode.ActivationIdle, new int[] { 1, 2 },
        new byte[] { 1 }, new List<string> { "a" }, new HashSet<int> { 3 }, new Dictionary<string, int> { ["x"] = 1 },
        System.Collections.Immutable.ImmutableArray.Create(1, 2), System.Collections.Immutable.ImmutableList.Create("y"),
        System.Collections.Immutable.ImmutableDictionary<string, int>.Empty.Add("k", 2), (1, "two"), Tuple.Create(1, "two"),
        new Circle("c", 2), new Parcel { Name = "p", Items = [1] }, new Parcel[] { new(), new() { Name = "q" } },
        new KeyValuePair<string, int>("k", 1), GrainId.Create("a", "b"), new List<object> { 1, "mixed" },
    ];

    private IEchoGrain Fresh()
    {
        Assert.NotNull(engine.Host);
        return client.GetGrain<IEchoGrain>(Gates.Fresh());
    }
}

public sealed class CallTests(EngineFixture engine) : CallContract(engine, engine.Client), IClassFixture<EngineFixture>;

public sealed class CallThroughGatewayTests(EngineFixture engine) : CallContract(engine, engine.Remote), IClassFixture<EngineFixture>;
