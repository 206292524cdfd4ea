using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Startup;

/// <summary>Whether the silo serves: started, with its store, and not stopping.</summary>
internal sealed class Readiness(IHostApplicationLifetime lifetime, StoreHealth store)
{
    private volatile bool _started;

    /// <summary>Why the silo does not serve now; null when it does.</summary>
    public string? Waits =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "stopping"
        : store.Problem is { } problem ? problem
        : _started ? null
        : "starting";

    /// <summary>The start is over.</summary>
    public void Started() => _started = true;
}
