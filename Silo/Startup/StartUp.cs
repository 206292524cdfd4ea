namespace PiGrid.Silo.Startup;

/// <summary>What happens between listening and serving.</summary>
internal sealed class StartUp(BootstrapFile bootstrap, Resumption resumption, Readiness readiness)
{
    /// <summary>Makes the first credentials of a new grid and begins to resume what was under way; the silo is ready when this returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await bootstrap.ReconcileAsync();
        await resumption.StartAsync(cancellationToken);
        readiness.Started();
    }
}
