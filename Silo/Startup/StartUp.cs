using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Startup;

/// <summary>What happens between listening and serving.</summary>
internal sealed class StartUp(BootstrapFile bootstrap, Resumption resumption, Readiness readiness, StoreHealth store)
{
    /// <summary>Makes the first credentials of a new grid and begins to resume what was under way; the silo is ready when this returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await bootstrap.ReconcileAsync();
        await resumption.StartAsync(cancellationToken);
        readiness.Started();
        // Grains whose writes failed while the store was away have ended: what is open among them goes on now.
        store.Returned += () => _ = Task.Run(() => resumption.StartAgainAsync(cancellationToken), CancellationToken.None);
    }
}
