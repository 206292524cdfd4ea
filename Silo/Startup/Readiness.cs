namespace PiGrid.Silo.Startup;

/// <summary>Whether the silo serves: started, resumed, and not stopping.</summary>
internal sealed class Readiness(IHostApplicationLifetime lifetime)
{
    private volatile bool _resumed;

    /// <summary>Why the silo does not serve now; null when it does.</summary>
    public string? Waits =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "stopping"
        : _resumed ? null
        : "resuming jobs after the start";

    /// <summary>The start is over.</summary>
    public void Resumed() => _resumed = true;
}
