using PiGrid.NodeAgent.Workers.Wire;

namespace PiGrid.NodeAgent.Workers;

/// <summary>
/// The worker processes: one model session each. Spares wait warm for the first use of a model; workers that have finished stay with their
/// model until others need the room, the least recently used going first.
/// </summary>
internal sealed partial class WorkerPool : IAsyncDisposable
{
    private readonly WorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WorkerSpawner _spawner = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly ITimer _quiet;
    private readonly Lock _gate = new();

    // The least recently used first.
    private readonly List<WorkerProcess> _idle = [];
    private readonly List<Task<WorkerProcess>> _spares = [];
    private readonly HashSet<WorkerProcess> _rented = [];

    /// <summary>A pool without workers; see <see cref="Fill"/>.</summary>
    public WorkerPool(WorkerOptions options, TimeProvider time, ILogger logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _quiet = time.CreateTimer(_ => FillWhenQuiet(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How workers are run.</summary>
    public WorkerOptions Options => _options;

    /// <summary>The process ids of the workers that live now.</summary>
    public IReadOnlyList<int> ProcessIds
    {
        get
        {
            lock (_gate)
            {
                return [.. _idle.Concat(_rented).Concat(_spares.Where(s => s.IsCompletedSuccessfully).Select(s => s.Result)).Select(w => w.Id)];
            }
        }
    }

    /// <summary>Whether a worker that nobody uses has the model.</summary>
    public bool IsLoaded(Sha256 model)
    {
        lock (_gate)
        {
            return _idle.Exists(w => w.Model == model && !w.IsGone);
        }
    }

    /// <summary>Starts spares up to their number; does not wait for them.</summary>
    public void Fill()
    {
        lock (_gate)
        {
            _spares.RemoveAll(s => s.IsFaulted || s.IsCanceled);
            while (_spares.Count < _options.Spares && !_stopped.IsCancellationRequested)
            {
                _spares.Add(StartSpareAsync());
            }
        }
    }

    /// <summary>Ends when all spares that were asked for are warm or have failed to start.</summary>
    public Task WarmAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_spares.Select(s => s.ContinueWith(_ => { }, TaskScheduler.Default)));
        }
    }

    /// <summary>A worker for a model: one that has it loaded, else a spare, else a new one. The caller gives it back or discards it.</summary>
    /// <exception cref="WorkerDiedException">A new one does not start.</exception>
    public async Task<WorkerProcess> RentAsync(Sha256 model, bool fresh, CancellationToken cancellationToken)
    {
        Task<WorkerProcess>? spare = null;
        lock (_gate)
        {
            _idle.RemoveAll(w => w.IsGone);
            if (!fresh && _idle.FindLast(w => w.Model == model) is { } loaded)
            {
                _idle.Remove(loaded);
                _rented.Add(loaded);
                return loaded;
            }

            if (_spares.Find(s => s.IsCompletedSuccessfully && !s.Result.IsGone) is { } warm)
            {
                spare = warm;
            }
            else
            {
                _spares.RemoveAll(s => s.IsFaulted || (s.IsCompletedSuccessfully && s.Result.IsGone));
                spare = _spares.FirstOrDefault();
            }

            if (spare is not null)
            {
                _spares.Remove(spare);
            }
        }

        spare ??= WorkerProcess.StartAsync(_spawner, _options, _time, _stopped.Token);
        try
        {
            var worker = await spare.WaitAsync(cancellationToken);
            lock (_gate)
            {
                _rented.Add(worker);
            }

            return worker;
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _spares.Add(spare);
            }

            throw;
        }
    }

    /// <summary>Takes a worker back, to be used again.</summary>
    public void Return(WorkerProcess worker)
    {
        List<WorkerProcess> retired = [];
        lock (_gate)
        {
            _rented.Remove(worker);
            if (!worker.IsGone && worker.Model == TinyWork.Key && _spares.Count < _options.Spares)
            {
                worker.Model = null;
                _spares.Add(Task.FromResult(worker));
            }
            else if (worker.IsGone || worker.Model is null)
            {
                // Its memory limit was set for a model that it does not have, and a limit cannot be raised again.
                retired.Add(worker);
            }
            else
            {
                _idle.Add(worker);
            }

            while (_idle.Count + _rented.Count > _options.Slots && _idle.Count > 0)
            {
                retired.Add(_idle[0]);
                _idle.RemoveAt(0);
            }
        }

        retired.ForEach(Retire);
        WatchForQuiet();
    }

    /// <summary>Takes back a worker that nobody shall use again, and ends it.</summary>
    public void Discard(WorkerProcess worker)
    {
        lock (_gate)
        {
            _rented.Remove(worker);
        }

        Retire(worker);
        WatchForQuiet();
    }

    /// <summary>
    /// Tries providers in a worker of their own, so that a driver that crashes takes nothing else along. When only the processor works, that worker is
    /// as good as new and becomes a spare.
    /// </summary>
    public async Task<(string Library, IReadOnlyList<ProviderProbe> Probes)> ProbeAsync(IReadOnlyList<string> providers, CancellationToken cancellationToken)
    {
        List<ProviderProbe> probes = [];
        WorkerProcess? worker = null;
        var library = "none";
        foreach (var provider in providers)
        {
            try
            {
                worker ??= await WorkerProcess.StartAsync(_spawner, _options, _time, cancellationToken);
                library = worker.Library;
                var reply = await worker.AskAsync<ProbeReply>(new ProbeRequest(provider), [], _options.ProbeMax, memoryMib: null, cancellationToken);
                probes.Add(new(provider, reply.Usable, Shorten(reply.Reason ?? worker.Problem)));
            }
            catch (OperationCanceledException)
            {
                await (worker?.DisposeAsync() ?? ValueTask.CompletedTask);
                throw;
            }
            catch (WorkerDiedException e)
            {
                probes.Add(new(provider, false, Shorten(e.Message)));
                await (worker?.DisposeAsync() ?? ValueTask.CompletedTask);
                worker = null;
            }
        }

        if (worker is not null)
        {
            Adopt(worker, probes.TrueForAll(p => !p.Usable || p.Name == "cpu"));
        }

        return (library, probes);
    }

    private void Adopt(WorkerProcess worker, bool isClean)
    {
        lock (_gate)
        {
            if (isClean && _spares.Count < _options.Spares && !_stopped.IsCancellationRequested)
            {
                _spares.Add(Task.FromResult(worker));
                return;
            }
        }

        Retire(worker);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _quiet.DisposeAsync();
        List<WorkerProcess> all = [];
        List<Task<WorkerProcess>> spares;
        lock (_gate)
        {
            all.AddRange([.. _idle, .. _rented]);
            _idle.Clear();
            _rented.Clear();
            spares = [.. _spares];
            _spares.Clear();
        }

        foreach (var spare in spares)
        {
            try
            {
                all.Add(await spare);
            }
            catch (Exception e) when (e is WorkerDiedException or OperationCanceledException)
            {
                // It never lived.
            }
        }

        await Task.WhenAll(all.Select(w => w.DisposeAsync().AsTask()));
        _spawner.Dispose();
        _stopped.Dispose();
    }

    // What the silo takes of a reason. Libraries say first where it happened and last what.
    private static string? Shorten(string? reason) => reason is { Length: > 200 } ? "..." + reason[^197..] : reason;

    private async Task<WorkerProcess> StartSpareAsync()
    {
        try
        {
            var worker = await WorkerProcess.StartAsync(_spawner, _options, _time, _stopped.Token);
            Started(worker.Id, worker.Library);
            return worker;
        }
        catch (WorkerDiedException e)
        {
            NotStarted(e.Message);
            throw;
        }
    }

    private void WatchForQuiet()
    {
        if (!_stopped.IsCancellationRequested)
        {
            _quiet.Change(_options.SpareQuiet, Timeout.InfiniteTimeSpan);
        }
    }

    private void FillWhenQuiet()
    {
        bool busy;
        lock (_gate)
        {
            busy = _rented.Count > 0;
        }

        if (!busy)
        {
            Fill();
        }
    }

    private static void Retire(WorkerProcess worker) => _ = worker.DisposeAsync().AsTask();

    [LoggerMessage(40, LogLevel.Debug, "Worker {Pid} is warm ({Library})")]
    private partial void Started(int pid, string library);

    [LoggerMessage(41, LogLevel.Error, "A worker does not start: {Reason}")]
    private partial void NotStarted(string reason);
}
