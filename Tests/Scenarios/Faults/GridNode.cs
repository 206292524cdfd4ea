namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>A node of the grid: its agent's process, its folder, its way to the silo.</summary>
internal sealed class GridNode(
    string name, string token, string data, string log, FaultProxy proxy, IReadOnlyDictionary<string, string> environment) : IAsyncDisposable
{
    private static readonly TimeSpan WorkersEndMax = TimeSpan.FromSeconds(20);

    /// <summary>Its owner's name, and its own.</summary>
    public string Name => name;

    /// <summary>Its way to the silo.</summary>
    public FaultProxy Proxy => proxy;

    /// <summary>Its agent.</summary>
    public GridProcess Process { get; private set; } = null!;

    /// <summary>How many results it keeps for want of a verdict.</summary>
    public int ResultsKept => Directory.Exists(Path.Combine(data, "results")) ? Directory.GetFiles(Path.Combine(data, "results")).Length : 0;

    /// <summary>Starts its agent, on the folder that an earlier one left.</summary>
    public void Start() => Process = GridProcess.Start(
        name,
        "NodeAgent",
        ["run", "--grid", proxy.Url.AbsoluteUri, "--data", data, "--owner", name, "--slots", "1"],
        // Tokens travel in the environment: command lines can be read by everybody on the machine.
        new Dictionary<string, string>(environment) { ["PIGRID_TOKEN"] = token },
        log);

    /// <summary>Kills its agent and sees to it that nothing of it stays.</summary>
    /// <returns>The ids of worker processes that outlived it; none as it should be.</returns>
    public async Task<IReadOnlyList<int>> KillAsync()
    {
        if (Process.HasExited)
        {
            return [];
        }

        var workers = await Process.KillAsync();
        var left = await workers.WaitForEndAsync(WorkersEndMax);
        await Process.DisposeAsync();
        return left;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await proxy.DisposeAsync();
    }
}
