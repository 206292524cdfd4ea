using PiGrid.Verification;

namespace PiGrid.NodeAgent.Workers.Inside;

/// <summary>
/// An input that asks for too much memory ends in one of two ways, by luck: the library's allocation fails, or the worker is ended. Nodes
/// compare error codes, so both get the same one.
/// </summary>
internal static class MemoryErrors
{
    private static readonly string[] Signs = ["bad_alloc", "Failed to allocate memory", "bad allocation", "out of memory"];

    /// <summary>The output, with a failed allocation reported as the death that it stands for.</summary>
    public static ItemOutput Unify(ItemOutput output) =>
        output.Error is { Code: ItemErrorCode.ModelFailed } error && Signs.Any(s => error.Message.Contains(s, StringComparison.OrdinalIgnoreCase))
            ? output with { Error = new(ItemErrorCode.WorkerDied, $"The input needs more memory than the model's limit. Send a smaller one, or publish the model with a higher limit. {error.Message}") }
            : output;
}
