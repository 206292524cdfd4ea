using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PiGrid.Grains.Storage.Backup;

namespace PiGrid.Grains.Storage.Collection;

/// <summary>Runs the collection at intervals. Silos of a cluster may run it at once: each removal is decided by the store alone.</summary>
public sealed partial class BlobCollector(
    IGridStore store, IBlobStore blobs, IOptions<BlobOptions> options, TimeProvider time, ILogger<BlobCollector> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.CollectPeriod == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.CollectPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await CollectAsync(stoppingToken);
        }
    }

    private async Task CollectAsync(CancellationToken stoppingToken)
    {
        try
        {
            var outcome = await new BlobCollection(store, blobs).RunAsync(time.GetUtcNow() - options.Value.GracePeriod, stoppingToken);
            LogCollected(outcome.Removed, outcome.Bytes, outcome.Named);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(LogLevel.Information, "Removed {Count} blobs of {Bytes} bytes that nothing names; {Named} are named")]
    private partial void LogCollected(int count, long bytes, int named);

    [LoggerMessage(LogLevel.Error, "Blobs that nothing names could not all be removed; it is tried again at the next interval")]
    private partial void LogFailed(Exception e);
}
