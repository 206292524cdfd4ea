using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Channels;
using PiGrid.NodeAgent.Workers.Wire;

namespace PiGrid.NodeAgent.Workers;

/// <summary>
/// The agent's end of one worker process. One exchange at a time; whatever goes wrong ends the process, so that a worker is either whole or gone.
/// </summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Stream _requests;
    private readonly InputArea? _area;
    private readonly string _folder;
    private readonly WorkerOptions _options;
    private readonly TimeProvider _time;

    // Whoever waits for a reply goes on in the thread that read it: the next reply comes only when that one has asked again.
    private readonly Channel<WorkerReply> _replies = Channel.CreateUnbounded<WorkerReply>(new() { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private WorkerEnd? _end;
    private string _lastWords = "";
    private long _bareBytes;
    private bool _hasArea;

    private WorkerProcess(Process process, InputArea? area, string folder, WorkerOptions options, TimeProvider time)
    {
        (_process, _area, _folder, _options, _time) = (process, area, folder, options, time);
        _requests = process.StandardInput.BaseStream;
        PipeSize.Grow(_requests);
        Id = process.Id;
        new Thread(ReadReplies) { IsBackground = true, Name = $"worker {Id}" }.Start();
        new Thread(ReadErrors) { IsBackground = true, Name = $"worker {Id} errors" }.Start();
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>The model that it has loaded; null for none.</summary>
    public Sha256? Model { get; set; }

    /// <summary>What runs its model.</summary>
    public string Provider { get; set; } = "cpu";

    /// <summary>The inference library and its version.</summary>
    public string Library { get; private set; } = "none";

    /// <summary>What did not work while it warmed up; null when all did.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the process is gone, or about to be.</summary>
    public bool IsGone => _end is not null || _exited.Task.IsCompleted;

    /// <summary>Ends when the process does.</summary>
    public Task Exited => _exited.Task;

    /// <summary>Starts a worker and waits until it is warm.</summary>
    /// <exception cref="WorkerDiedException">It does not start.</exception>
    public static async Task<WorkerProcess> StartAsync(WorkerSpawner spawner, WorkerOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.WorkFolder, Guid.NewGuid().ToString("n")[..12]);
        Directory.CreateDirectory(folder);
        var area = InputArea.TryCreate();
        WorkerProcess worker;
        try
        {
            worker = new(await spawner.StartAsync(WorkerEnvironment.Describe(options.Program, folder, area?.Path)), area, folder, options, time);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            area?.Dispose();
            throw new WorkerDiedException(WorkerEnd.Crashed, $"The worker program '{options.Program[0]}' cannot be started: {e.Message}");
        }

        try
        {
            var ready = await worker.AwaitAsync<ReadyReply>(options.StartMax, memoryMib: null, cancellationToken);
            (worker.Library, worker.Problem, worker._hasArea) = (ready.Library, ready.Problem, ready.HasArea);
            area?.Shut();
            worker._bareBytes = worker.ResidentBytes();
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks and waits for the answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="blobs">The bytes that follow it, in order.</param>
    /// <param name="timeMax">The longest time to wait; then the worker is ended.</param>
    /// <param name="memoryMib">Memory that it may take beyond what it took without a model, in MiB; null for no limit.</param>
    /// <param name="cancellationToken">Asks the worker to stop, and ends it when it does not at once.</param>
    /// <exception cref="WorkerDiedException">The worker is gone.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the worker may live on.</exception>
    public async Task<TReply> AskAsync<TReply>(
        WorkerRequest request, IReadOnlyList<byte[]> blobs, TimeSpan timeMax, int? memoryMib, CancellationToken cancellationToken)
        where TReply : WorkerReply
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await _requests.WriteAsync(Frames.Encode(request), cancellationToken);
            foreach (var bytes in blobs)
            {
                await _requests.WriteAsync(bytes, cancellationToken);
            }

            await _requests.FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // A request that is cut off in the middle leaves the worker waiting for the rest of it.
            End(WorkerEnd.Cancelled);
            throw;
        }
        catch (IOException)
        {
            // Its end of the pipe is closed, so it is dead or dying.
            await _exited.Task;
            throw Died();
        }

        return await AwaitAsync<TReply>(timeMax, memoryMib, cancellationToken);
    }

    /// <summary>Has one input run, by way of the shared memory where there is some and the input fits.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public async Task<WorkerReply> RunAsync(byte[] input, TimeSpan timeMax, int? memoryMib, CancellationToken cancellationToken)
    {
        var isInArea = _hasArea && input.Length <= InputArea.BytesMax;
        if (isInArea)
        {
            try
            {
                _area!.Write(input);
            }
            catch (ObjectDisposedException)
            {
                await _exited.Task;
                throw Died();
            }
        }

        return await AskAsync<WorkerReply>(new RunRequest(input.Length, isInArea), isInArea ? [] : [input], timeMax, memoryMib, cancellationToken);
    }

    /// <summary>Ends the process.</summary>
    public void End(WorkerEnd how)
    {
        lock (_gate)
        {
            _end ??= how;
        }

        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It was gone already.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End(WorkerEnd.Cancelled);
        await _exited.Task;
        _area?.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start of the agent removes it.
        }
    }

    private async Task<TReply> AwaitAsync<TReply>(TimeSpan timeMax, int? memoryMib, CancellationToken cancellationToken)
        where TReply : WorkerReply
    {
        using var late = _time.CreateTimer(_ => End(WorkerEnd.TookTooLong), null, timeMax, Timeout.InfiniteTimeSpan);
        using var memory = memoryMib is { } mib
            ? _time.CreateTimer(_ => CheckMemory((long)mib << 20), null, _options.MemoryLook, _options.MemoryLook)
            : null;
        ITimer? obey = null;
        using var cancelled = cancellationToken.UnsafeRegister(_ => obey = Cancel(), null);
        try
        {
            var reply = await _replies.Reader.ReadAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            if (reply is TReply expected)
            {
                return expected;
            }

            End(WorkerEnd.Crashed);
            throw new WorkerDiedException(WorkerEnd.Crashed, $"The worker answered {reply.GetType().Name} where {typeof(TReply).Name} was due.");
        }
        catch (ChannelClosedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Died();
        }
        finally
        {
            await cancelled.DisposeAsync();
            obey?.Dispose();
        }
    }

    // The worker stops at the model's next operator, or it is ended: a cancel never waits for a stranger's model.
    private ITimer Cancel()
    {
        try
        {
            _requests.Write(Frames.Encode<WorkerRequest>(new CancelRequest()));
            _requests.Flush();
        }
        catch (IOException)
        {
            // It is gone, which is what was wanted.
        }

        return _time.CreateTimer(_ => End(WorkerEnd.Cancelled), null, _options.CancelGrace, Timeout.InfiniteTimeSpan);
    }

    private void CheckMemory(long bytesMax)
    {
        if (ResidentBytes() - _bareBytes > bytesMax)
        {
            End(WorkerEnd.TookTooMuchMemory);
        }
    }

    private long ResidentBytes() => ProcessMemory.ResidentBytes(_process);

    private WorkerDiedException Died() => (_end ?? WorkerEnd.Crashed) switch
    {
        WorkerEnd.Crashed => new(WorkerEnd.Crashed, $"The worker process ended with code {ExitCodeText()}.{LastWords()}"),
        WorkerEnd.TookTooLong => new(WorkerEnd.TookTooLong, "The worker process did not answer in time and was ended."),
        WorkerEnd.TookTooMuchMemory => new(WorkerEnd.TookTooMuchMemory, "The worker process took more memory than allowed and was ended."),
        WorkerEnd.Cancelled => new(WorkerEnd.Cancelled, "The worker process was ended because its work is no longer wanted."),
    };

    private string LastWords() => _lastWords.Length == 0 ? "" : $" It said: {_lastWords}";

    private string ExitCodeText()
    {
        try
        {
            return _process.ExitCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (InvalidOperationException)
        {
            return "unknown";
        }
    }

    private void ReadReplies()
    {
        using var replies = new BufferedStream(_process.StandardOutput.BaseStream, 64 << 10);
        try
        {
            while (Frames.Read<WorkerReply>(replies, Frames.ReplyBytesMax) is { } reply)
            {
                _replies.Writer.TryWrite(reply);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            _lastWords = e.Message;
            End(WorkerEnd.Crashed);
        }

        _process.WaitForExit();
        _exited.TrySetResult();
        _replies.Writer.TryComplete();
    }

    // Read to the end so that the worker never blocks on it; only the last line is kept, since a stranger's model may have written it.
    private void ReadErrors()
    {
        try
        {
            while (_process.StandardError.ReadLine() is { } line)
            {
                if (line.Length > 0)
                {
                    _lastWords = line.Length > 200 ? line[..200] : line;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process is gone.
        }
    }
}
