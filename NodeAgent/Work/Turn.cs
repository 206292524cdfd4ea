namespace PiGrid.NodeAgent.Work;

/// <summary>A piece of work that wants a worker.</summary>
/// <param name="model">What runs it, if it may run together with others of the same model; else null.</param>
/// <param name="input">Its input, if so.</param>
internal sealed class Turn(Sha256? model = null, byte[]? input = null)
{
    /// <summary>What runs it; null when it runs by itself.</summary>
    public Sha256? Model { get; } = model;

    /// <summary>Its input.</summary>
    public byte[] Input { get; } = input ?? [];

    /// <summary>Ends when it is its turn, with those that it takes along; or with null, when another takes it along.</summary>
    public TaskCompletionSource<IReadOnlyList<Turn>?> Come { get; } = new();

    /// <summary>What it gave, when another took it along.</summary>
    public TaskCompletionSource<CallRun> Ran { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What a call gave.</summary>
/// <param name="Run">The output.</param>
/// <param name="Provider">What ran the model.</param>
/// <param name="Library">The inference library and its version.</param>
internal sealed record CallRun(InputRun Run, string Provider, string Library);
