using System.Diagnostics;
using System.Runtime.InteropServices;
using PiGrid.Client.Demo;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>
/// A built program that runs as a process of its own, and the ways to harm it. It ends when its standard input closes, which not even a killed test
/// can prevent. Linux.
/// </summary>
internal sealed class GridProcess : IAsyncDisposable
{
    private const int Kill9 = 9, Terminate = 15, Continue = 18, Stop = 19, FileSize = 1;
    private const int TailMax = 20;

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Queue<string> _tail = new();
    private readonly TaskCompletionSource<string> _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _closed;

    private GridProcess(string name, Process process, StreamWriter log) => (Name, _process, _log) = (name, process, log);

    /// <summary>What it is, for people.</summary>
    public string Name { get; }

    /// <summary>The process's id.</summary>
    public int Id { get; private set; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _exited.Task.IsCompleted;

    /// <summary>Whether it was killed on purpose.</summary>
    public bool Killed { get; private set; }

    /// <summary>Its first line on standard output; fails when it ends before.</summary>
    public Task<string> Announced => _announced.Task;

    /// <summary>Its last lines.</summary>
    public string Tail
    {
        get
        {
            lock (_tail)
            {
                return string.Join(Environment.NewLine, _tail);
            }
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="name">What it is, for people.</param>
    /// <param name="project">Its project: <c>Silo</c> or <c>NodeAgent</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables added to this process's own.</param>
    /// <param name="logFile">Its output is appended here.</param>
    public static GridProcess Start(
        string name, string project, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string logFile)
    {
        var (file, first) = ProgramFiles.CommandOf(ProgramFiles.Find(project, AppContext.BaseDirectory));

        // A write over the limit of file sizes, which stands for a full disk, is to fail and not to end the process: the ignored signal is inherited.
        var start = new ProcessStartInfo("bash", ["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", file, .. first, .. arguments, "--exit-with-stdin"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(logFile)!);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var started = new GridProcess(name, process, new StreamWriter(logFile, append: true) { AutoFlush = true });
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is not null)
            {
                started._announced.TrySetResult(e.Data);
            }

            started.Heard(e.Data);
        };
        process.ErrorDataReceived += (_, e) => started.Heard(e.Data);
        process.Exited += (_, _) => started.Ended();
        process.Start();
        started.Id = process.Id;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return started;
    }

    /// <summary>SIGKILL, to it alone.</summary>
    /// <returns>What it had started, to be waited for.</returns>
    public async Task<ProcessTree> KillAsync()
    {
        Killed = true;
        var below = ProcessTree.Below(Id);
        Send(Kill9);
        await _exited.Task;
        return below;
    }

    /// <summary>SIGTERM: it is asked to end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        Killed = true;
        Send(Terminate);
        return await ExitAsync();
    }

    /// <summary>Waits until it has ended and all that it said has been heard.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        await _exited.Task;
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>SIGSTOP: it lies still with its sockets open.</summary>
    public void Freeze() => Send(Stop);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Send(Continue);

    /// <summary>Lets no file that it writes grow beyond this many bytes, which stands for a full disk; null for no limit.</summary>
    public void LimitFiles(long? bytes)
    {
        if (PrLimit(Id, FileSize, IntPtr.Zero, out var limit) == 0)
        {
            limit.Soft = bytes is { } most ? (ulong)most : limit.Hard;
            _ = PrLimit(Id, FileSize, limit, IntPtr.Zero);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        lock (_tail)
        {
            if (!_closed)
            {
                _closed = true;
                _log.Dispose();
            }
        }
    }

    private void Ended()
    {
        _exited.TrySetResult();
        _announced.TrySetException(new InvalidOperationException($"The {Name} ended before it was ready:{Environment.NewLine}{Tail}"));
        _ = _announced.Task.Exception;
    }

    private void Send(int signal)
    {
        if (!HasExited)
        {
            _ = ProcessTree.Signal(Id, signal);
        }
    }

    private void Heard(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_tail)
        {
            _tail.Enqueue(line);
            if (_tail.Count > TailMax)
            {
                _tail.Dequeue();
            }

            if (!_closed)
            {
                _log.WriteLine(line);
            }
        }
    }

    [DllImport("libc", EntryPoint = "prlimit")]
    private static extern int PrLimit(int process, int resource, IntPtr change, out ResourceLimit old);

    [DllImport("libc", EntryPoint = "prlimit")]
    private static extern int PrLimit(int process, int resource, in ResourceLimit change, IntPtr old);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
