using Microsoft.Extensions.Logging;
using PiGrid.NodeAgent;
using PiGrid.NodeAgent.Faults;

namespace PiGrid.Tests.NodeAgent;

/// <summary>An agent in this process with a data folder of its own; its workers are real processes.</summary>
internal sealed class AgentRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Agent _agent;
    private readonly Task _running;

    private AgentRun(AgentSettings settings)
    {
        Settings = settings;
        _agent = Agent.Create(settings, TimeProvider.System, new LoggerFactory([Log], new LoggerFilterOptions { MinLevel = LogLevel.Debug }));
        _running = Task.Run(() => _agent.RunAsync(_stop.Token));
    }

    /// <summary>The program that is a worker with the verb of one, beside the tests.</summary>
    public static IReadOnlyList<string> WorkerProgram { get; } =
        [Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "PiGrid.NodeAgent.exe" : "PiGrid.NodeAgent")];

    /// <summary>What it logs.</summary>
    public AgentLog Log { get; } = new();

    public AgentSettings Settings { get; }

    public string Data => Settings.Data;

    public Agent Agent => _agent;

    /// <summary>Ends when the agent does, with its error.</summary>
    public Task Ended => _running.WaitAsync(Patience.Limit);

    public static AgentRun Start(ProtocolGrid grid, string? data = null, int slots = 1, Fault fault = Fault.None, string token = ProtocolGrid.Token, string? preferences = null) =>
        Start(grid.Url, token, data, slots, fault, preferences);

    public static AgentRun Start(string grid, string token, string? data = null, int slots = 1, Fault fault = Fault.None, string? preferences = null)
    {
        var settings = new AgentSettings
        {
            Grid = grid,
            Data = data ?? NewFolder(),
            Token = token,
            Slots = slots,
            Fault = fault,
            WorkerProgram = WorkerProgram,
        };
        if (preferences is not null)
        {
            Directory.CreateDirectory(settings.Data);
            File.WriteAllText(Path.Combine(settings.Data, "preferences.json"), preferences);
        }

        return new(settings);
    }

    public static string NewFolder() => Path.Combine(Path.GetTempPath(), $"pigrid-agent-{Guid.NewGuid():n}");

    /// <summary>Asks the agent to finish and leave.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Ends the agent at once and starts it again on its folder.</summary>
    public async Task<AgentRun> RestartAsync()
    {
        await _agent.DisposeAsync();
        await Task.WhenAny(_running);
        return new(Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _agent.DisposeAsync();
        await Task.WhenAny(_running.WaitAsync(Patience.Limit));
        if (Directory.Exists(Data))
        {
            Directory.Delete(Data, recursive: true);
        }

        _stop.Dispose();
    }
}
