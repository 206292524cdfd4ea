using PiGrid.NodeAgent.Workers;

namespace PiGrid.NodeAgent.Work;

/// <summary>The worker process that one lease uses, which may be another one after the first has died. Disposing gives it back.</summary>
internal sealed class WorkerSeat(WorkerPool pool, Sha256 model) : IAsyncDisposable
{
    private bool _died;

    /// <summary>The worker; null until one is taken.</summary>
    public WorkerProcess? Worker { get; private set; }

    /// <summary>Whether the worker has the model loaded.</summary>
    public bool IsLoaded => Worker?.Model == model;

    /// <summary>What runs the model.</summary>
    public string Provider { get; private set; } = "cpu";

    /// <summary>The inference library and its version.</summary>
    public string Library { get; private set; } = "none";

    /// <summary>Takes a worker, if none is taken: one with the model, or, after one died, a fresh one.</summary>
    /// <exception cref="WorkerDiedException">A new one does not start.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        Worker ??= await pool.RentAsync(model, _died, cancellationToken);
        (Library, Provider) = (Worker.Library, Worker.Provider);
    }

    /// <summary>The worker has loaded the model.</summary>
    public void Loaded(string provider)
    {
        Worker!.Model = model;
        Worker.Provider = provider;
        Provider = provider;
    }

    /// <summary>The worker is gone.</summary>
    public void Leave()
    {
        _died = true;
        if (Worker is { } worker)
        {
            Worker = null;
            pool.Discard(worker);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Worker is { } worker)
        {
            Worker = null;
            pool.Return(worker);
        }

        return ValueTask.CompletedTask;
    }
}
