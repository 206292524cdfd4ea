using System.Collections.Concurrent;

namespace PiGrid.Tests.Engine;

/// <summary>Lets a test wait for what a grain does, and hold it there: grains of either engine run in the test's process.</summary>
internal static class Gates
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentDictionary<string, TaskCompletionSource<string>> All = new();

    /// <summary>Opens a gate; what waits at it goes on.</summary>
    public static void Open(string name, string value = "") => Of(name).TrySetResult(value);

    /// <summary>Waits until a gate is open.</summary>
    public static Task<string> Pass(string name) => Of(name).Task.WaitAsync(Patience);

    public static bool IsOpen(string name) => Of(name).Task.IsCompleted;

    /// <summary>A name for a gate that no other test uses.</summary>
    public static string Fresh() => Guid.NewGuid().ToString("N");

    private static TaskCompletionSource<string> Of(string name) =>
        All.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
