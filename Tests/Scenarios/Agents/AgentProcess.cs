using System.Collections.Concurrent;
using System.Diagnostics;
using PiGrid.Tests.NodeAgent;

namespace PiGrid.Tests.Scenarios.Agents;

/// <summary>The built agent in a process of its own. What happens in it is known from its log, line by line.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly SemaphoreSlim _heard = new(0);

    private AgentProcess(Process process, string data)
    {
        (_process, Data) = (process, data);
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is { } line)
            {
                _lines.Enqueue(line);
            }

            _heard.Release();
        };
        process.BeginErrorReadLine();
    }

    /// <summary>The agent's data folder, which outlives the process.</summary>
    public string Data { get; }

    /// <summary>Everything that it has logged so far.</summary>
    public string Log => string.Join('\n', _lines);

    /// <summary>Starts an agent with one slot.</summary>
    public static AgentProcess Start(Uri grid, string token, string data, string preferences = "{}", params string[] more)
    {
        Directory.CreateDirectory(data);
        File.WriteAllText(Path.Combine(data, "preferences.json"), preferences);
        string[] arguments = ["run", "--grid", grid.ToString(), "--data", data, "--token", token, .. more];
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "PiGrid.NodeAgent"), arguments)
        {
            RedirectStandardError = true,
        };
        return new(Process.Start(start)!, data);
    }

    /// <summary>Waits until it has logged a line with this text.</summary>
    /// <returns>The line.</returns>
    public async Task<string> SaysAsync(string text)
    {
        using var late = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            if (_lines.FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal)) is { } line)
            {
                return line;
            }

            try
            {
                await _heard.WaitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException($"The agent never said '{text}'. It said:\n{Log}");
            }
        }
    }

    /// <summary>Ends it as a power cut does: it gets no chance to do anything.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to finish and leave.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> TerminateAsync()
    {
        Assert.Equal(0, ProcessTree.Signal(_process.Id, ProcessTree.Terminate));
        using var late = new CancellationTokenSource(Patience.Limit);
        await _process.WaitForExitAsync(late.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        _heard.Dispose();
    }
}
