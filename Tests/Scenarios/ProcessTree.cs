using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PiGrid.Tests.Scenarios;

/// <summary>The processes below one process, from <c>/proc</c>: taken while they run, and asked later whether any is left.</summary>
internal sealed class ProcessTree
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    private readonly List<(int Id, string StartedAt)> _processes;

    private ProcessTree(List<(int Id, string StartedAt)> processes) => _processes = processes;

    /// <summary>How many there were.</summary>
    public int Count => _processes.Count;

    /// <summary>All processes below this one, itself aside.</summary>
    public static ProcessTree Below(int root)
    {
        var all = Directory.GetDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _))
            .Select(name => Read(int.Parse(name!, CultureInfo.InvariantCulture)))
            .OfType<(int Id, int Parent, string StartedAt)>()
            .ToLookup(p => p.Parent);
        var found = new List<(int, string)>();
        var open = new Stack<int>([root]);
        while (open.TryPop(out var parent))
        {
            foreach (var child in all[parent])
            {
                found.Add((child.Id, child.StartedAt));
                open.Push(child.Id);
            }
        }

        return new(found);
    }

    /// <summary>Waits until every one has ended; returns those that have not within the limit.</summary>
    public async Task<IReadOnlyList<int>> WaitForEndAsync(TimeSpan longest)
    {
        using var limit = new CancellationTokenSource(longest);
        foreach (var (id, startedAt) in _processes)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                if (Read(id)?.StartedAt == startedAt)
                {
                    await process.WaitForExitAsync(limit.Token);
                }
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It has ended already.
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return [.. _processes.Where(p => Read(p.Id)?.StartedAt == p.StartedAt).Select(p => p.Id)];
    }

    /// <summary>Sends a signal to one process.</summary>
    [DllImport("libc", EntryPoint = "kill")]
    public static extern int Signal(int process, int signal);

    // The fields after the name, which is in parentheses and may hold anything: state, parent, ... and the start time as the 20th. A zombie has
    // ended and only waits for its parent.
    private static (int Id, int Parent, string StartedAt)? Read(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : (id, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[19]);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
