using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Grains.Registry;

namespace PiGrid.Grains.Jobs;

/// <summary>
/// Deletes jobs that have been kept long enough after their end (<see cref="RegistrySweep"/>).
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
    internal Task SweepAsync(CancellationToken stoppingToken)
    {
        // A job is not younger than its end: what was entered lately need not be asked.
        var oldest = time.GetUtcNow() - options.Value.Retention;
        return RegistrySweep.RunAsync(
            grains, RegistryLists.Jobs, entry => entry.CreatedAt <= oldest, id => DeleteIfOverAsync(id, stoppingToken), LogDeleted, LogFailed, stoppingToken);
    }

    private async Task<bool> DeleteIfOverAsync(string id, CancellationToken stoppingToken)
    {
        var job = grains.GetGrain<IJobGrain>(id);
        var status = await job.GetStatus();

        // One without a record was being deleted when the silo stopped.
        return (status is null || JobRules.IsOver(status, time.GetUtcNow(), options.Value)) && await job.Delete(stoppingToken);
    }

    [LoggerMessage(LogLevel.Information, "Job {Job} was kept long enough and is deleted")]
    private partial void LogDeleted(string job);

    [LoggerMessage(LogLevel.Error, "Jobs in {Partition} that were kept long enough could not all be deleted; it is tried again at the next interval")]
    private partial void LogFailed(Exception e, string partition);
}
