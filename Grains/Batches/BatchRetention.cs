using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Batches;
using PiGrid.Grains.Registry;

namespace PiGrid.Grains.Batches;

/// <summary>
/// Deletes files whose time is over and batches that have been kept long enough after their end (<see cref="RegistrySweep"/>).
/// </summary>
public sealed partial class BatchRetention(
    IGrainFactory grains, IOptions<BatchOptions> options, TimeProvider time, ILogger<BatchRetention> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RetentionPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SweepAsync(stoppingToken);
        }
    }

    /// <summary>Deletes what was kept long enough.</summary>
    internal async Task SweepAsync(CancellationToken stoppingToken)
    {
        await SweepAsync(RegistryLists.Files, id => grains.GetGrain<IFileGrain>(id).DeleteIfExpired(), stoppingToken);
        await SweepAsync(RegistryLists.Batches, DeleteIfForgottenAsync, stoppingToken);
    }

    private async Task<bool> DeleteIfForgottenAsync(string id)
    {
        var batch = grains.GetGrain<IBatchGrain>(id);
        var status = await batch.GetStatus();

        // One without a record was being deleted when the silo stopped.
        return (status is null || BatchRules.IsForgotten(status, time.GetUtcNow(), options.Value.Retention)) && await batch.Delete();
    }

    private Task SweepAsync(string list, Func<string, Task<bool>> delete, CancellationToken stoppingToken) =>
        RegistrySweep.RunAsync(grains, list, static _ => true, delete, LogDeleted, LogFailed, stoppingToken);

    [LoggerMessage(LogLevel.Information, "{Id} was kept long enough and is deleted")]
    private partial void LogDeleted(string id);

    [LoggerMessage(LogLevel.Error, "What was kept long enough in {Partition} could not all be deleted; it is tried again at the next interval")]
    private partial void LogFailed(Exception e, string partition);
}
