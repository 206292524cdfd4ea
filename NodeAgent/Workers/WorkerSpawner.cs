using System.Collections.Concurrent;
using System.Diagnostics;

namespace PiGrid.NodeAgent.Workers;

/// <summary>
/// Starts processes from one thread that lives as long as the agent. Linux ends a worker when the thread that started it ends (that is what
/// its parent-death signal means), so a thread of the pool, which comes and goes, must not.
/// </summary>
internal sealed class WorkerSpawner : IDisposable
{
    private readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> _orders = [];

    /// <summary>Starts the thread.</summary>
    public WorkerSpawner() => new Thread(Run) { IsBackground = true, Name = "worker spawner" }.Start();

    /// <summary>Starts a process.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _orders.Add((start, started));
        return started.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => _orders.CompleteAdding();

    private void Run()
    {
        foreach (var (start, started) in _orders.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(start) ?? throw new InvalidOperationException("No process was started."));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        }

        _orders.Dispose();
    }
}
