using System.Diagnostics;

namespace PiGrid.Client.Demo;

/// <summary>
/// One program that the demo started. It ends with the demo in every case: it is killed with its tree when this is disposed, and because it
/// was started with <c>--exit-with-stdin</c> it ends by itself when its standard input closes, which even a killed demo cannot prevent.
/// </summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private const int TailMax = 30;

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Queue<string> _tail = new();
    private readonly Action _spoke;
    private volatile bool _announced;

    private ChildProgram(string name, Process process, StreamWriter log, Action spoke)
    {
        Name = name;
        _process = process;
        _log = log;
        _spoke = spoke;
    }

    /// <summary>What it is, for people.</summary>
    public string Name { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Whether it has written a line to standard output, which the silo does once it is ready.</summary>
    public bool Announced => _announced;

    /// <summary>Whether it was killed on purpose.</summary>
    public bool Killed { get; private set; }

    /// <summary>Its last lines of output.</summary>
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
    /// <param name="program">The path of its DLL.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables added to the demo's own.</param>
    /// <param name="logFile">Where its output goes.</param>
    /// <param name="spoke">Called, from any thread, when it wrote a line or ended.</param>
    public static ChildProgram Start(
        string name,
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        string logFile,
        Action spoke)
    {
        var (file, first) = ProgramFiles.CommandOf(program);
        var start = new ProcessStartInfo(file, [.. first, .. arguments, "--exit-with-stdin"])
        {
            UseShellExecute = false,
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
        var child = new ChildProgram(name, process, new StreamWriter(logFile) { AutoFlush = true }, spoke);
        process.OutputDataReceived += (_, e) =>
        {
            child._announced |= e.Data is not null;
            child.Heard(e.Data);
        };
        process.ErrorDataReceived += (_, e) => child.Heard(e.Data);
        process.Exited += (_, _) => spoke();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Kills it with everything that it started, at once (SIGKILL).</summary>
    public void Kill()
    {
        Killed = true;
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or AggregateException)
        {
            // It ended by itself meanwhile.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        await _log.DisposeAsync();
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

            _log.WriteLine(line);
        }

        _spoke();
    }
}
