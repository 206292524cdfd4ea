using Orleans;
using Orleans.Runtime;

namespace PiGrid.Tests.Engine;

/// <summary>A message whose parts can be changed, to see whether copies are made.</summary>
[GenerateSerializer, Alias("PiGrid.Tests.Parcel")]
public sealed class Parcel
{
    [Id(0)]
    public string Name { get; set; } = "";

    [Id(1)]
    public List<int> Items { get; set; } = [];

    [Id(2)]
    public Dictionary<string, Parcel>? Inner { get; set; }
}

/// <summary>A record with the kinds of members that messages have.</summary>
[GenerateSerializer, Alias("PiGrid.Tests.Letter")]
public sealed record Letter(
    [property: Id(0)] Guid Id,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] System.Collections.Immutable.ImmutableArray<int> Pages,
    [property: Id(3)] TimeSpan? Delay,
    [property: Id(4)] byte[] Body,
    [property: Id(5)] Shape Shape);

/// <summary>A base class, to be sent as its derived ones.</summary>
[GenerateSerializer, Alias("PiGrid.Tests.Shape")]
public abstract record Shape([property: Id(0)] string Name);

[GenerateSerializer, Alias("PiGrid.Tests.Circle")]
public sealed record Circle(string Name, [property: Id(0)] double Radius) : Shape(Name);

/// <summary>What Orleans refuses: no attribute.</summary>
public sealed class Contraband
{
    public int Value { get; set; }
}

[GenerateSerializer, Alias("PiGrid.Tests.GrainFailure")]
public sealed class GrainFailureException(string message, int code) : Exception(message)
{
    [Id(0)]
    public int Code { get; } = code;
}

/// <summary>An exception that does not say how to serialize it.</summary>
public sealed class PrivateFailureException(string message) : Exception(message);

[Alias("PiGrid.Tests.IEchoGrain")]
public interface IEchoGrain : IGrainWithStringKey
{
    [Alias("Ping")]
    Task Ping();

    [Alias("Key")]
    ValueTask<string> Key();

    [Alias("Keep")]
    Task<bool> Keep(Parcel parcel);

    [Alias("Kept")]
    Task<Parcel?> Kept();

    [Alias("EchoLetter")]
    Task<Letter> Echo(Letter letter);

    [Alias("EchoObject")]
    Task<object?> EchoObject(object? value);

    [Alias("Smuggle")]
    Task Smuggle(object value);

    [Alias("Fail")]
    Task Fail(string message, int code);

    [Alias("FailFramework")]
    Task<int> FailFramework(string message);

    [Alias("FailUnknown")]
    Task FailUnknown();

    [Alias("ActivationOf")]
    Task<Guid> ActivationOf();

    [Alias("Retire")]
    Task Retire();

    [Alias("GetContext")]
    Task<string?> GetContext(string key);

    [Alias("Count")]
    Task<int> Count(IEchoGrain other);
}

public sealed class EchoGrain : Grain, IEchoGrain
{
    private readonly Guid _activation = Guid.NewGuid();
    private Parcel? _kept;

    public Task Ping() => Task.CompletedTask;

    public ValueTask<string> Key() => new(this.GetPrimaryKeyString());

    public Task<bool> Keep(Parcel parcel)
    {
        _kept = parcel;
        return Task.FromResult(true);
    }

    public Task<Parcel?> Kept() => Task.FromResult(_kept);

    public Task<Letter> Echo(Letter letter) => Task.FromResult(letter);

    public Task<object?> EchoObject(object? value) => Task.FromResult(value);

    public Task Smuggle(object value) => Task.CompletedTask;

    public Task Fail(string message, int code) => throw new GrainFailureException(message, code);

    public async Task<int> FailFramework(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public Task FailUnknown() => throw new PrivateFailureException("private");

    public Task<Guid> ActivationOf() => Task.FromResult(_activation);

    public Task Retire()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<string?> GetContext(string key) => Task.FromResult(RequestContext.Get(key) as string);

    public async Task<int> Count(IEchoGrain other) => (await other.Key()).Length;
}
