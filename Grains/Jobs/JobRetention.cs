using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;

namespace PiGrid.Grains.Jobs;

/// <summary>
/// Deletes jobs that have been kept long enough after their end. Silos of a cluster may do it at once: deleting is idempotent, and one that
/// breaks off goes on at the next interval.
/// </summary>
public sealed partial class JobRetention(
    IGrainFactory grains, IOptions<JobOptions> options, TimeProvider time, ILogger<JobRetention> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Retention == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.RetentionPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SweepAsync(stoppingToken);
        }
    }

    /// <summary>Deletes what was kept long enough.</summary>
    internal async Task SweepAsync(CancellationToken stoppingToken)
    {
        foreach (var partition in RegistryLists.KeysOf(RegistryLists.Jobs))
        {
            await SweepAsync(partition, stoppingToken);
        }
    }

    private async Task SweepAsync(string partition, CancellationToken stoppingToken)
    {
        try
        {
            // A job is not younger than its end: what was entered lately need not be asked.
            var oldest = time.GetUtcNow() - options.Value.Retention;
            var entries = await grains.GetGrain<IRegistryGrain>(partition).List();
            foreach (var entry in entries.Where(entry => !entry.Open && entry.CreatedAt <= oldest))
            {
                stoppingToken.ThrowIfCancellationRequested();
                var job = grains.GetGrain<IJobGrain>(entry.Id);
                var status = await job.GetStatus();

                // One without a record was being deleted when the silo stopped.
                if ((status is null || JobRules.IsOver(status, time.GetUtcNow(), options.Value)) && await job.Delete(stoppingToken))
                {
                    LogDeleted(entry.Id);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever keeps one partition from being swept must not end the service.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(e, partition);
        }
    }

    [LoggerMessage(LogLevel.Information, "Job {Job} was kept long enough and is deleted")]
    private partial void LogDeleted(string job);

    [LoggerMessage(LogLevel.Error, "Jobs in {Partition} that were kept long enough could not all be deleted; it is tried again at the next interval")]
    private partial void LogFailed(Exception e, string partition);
}
