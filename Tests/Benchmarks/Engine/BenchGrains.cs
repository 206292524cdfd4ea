using Orleans;
using Orleans.Runtime;

namespace PiGrid.Benchmarks.Engine;

/// <summary>A message of the size that the grid's own messages have.</summary>
[GenerateSerializer, Alias("PiGrid.Benchmarks.Note")]
public sealed record Note([property: Id(0)] Guid Id, [property: Id(1)] string Text, [property: Id(2)] long Number, [property: Id(3)] byte[] Body);

[Alias("PiGrid.Benchmarks.IBenchGrain")]
public interface IBenchGrain : IGrainWithStringKey
{
    [Alias("Ping")]
    Task Ping();

    [Alias("Send")]
    Task<Note> Send(Note note);
}

[GenerateSerializer, Alias("PiGrid.Benchmarks.BenchState")]
public sealed class BenchState
{
    [Id(0)]
    public long Count { get; set; }
}

/// <summary>A grain with a small state, as most of the grid's are.</summary>
public sealed class BenchGrain([PersistentState("bench")] IPersistentState<BenchState> state) : Grain, IBenchGrain
{
    public Task Ping()
    {
        state.State.Count++;
        return Task.CompletedTask;
    }

    public Task<Note> Send(Note note) => Task.FromResult(note);
}
