using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Verification;

namespace PiGrid.Grains.Jobs;

/// <summary>
/// Where the operator wants it (<see cref="TrustOptions.RecheckDelivered"/>), has delivered results checked again that rest on owners found to lie since. Silos of a
/// cluster may do it at once, and after a start it begins anew with all that were found lately: what was checked again no longer rests on them.
/// </summary>
public sealed partial class DeliveredChecks(
    IGrainFactory grains, IOptions<TrustOptions> options, TimeProvider time, ILogger<DeliveredChecks> logger) : BackgroundService
{
    private long _known;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.RecheckDelivered == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.RecheckPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // Whatever keeps one round from ending must not end the service.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(e);
            }
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        var view = await grains.GetGrain<ITrustGrain>(ITrustGrain.Key).GetView(_known);
        var since = time.GetUtcNow() - options.Value.RecheckDelivered;
        var found = view.Found.Where(owner => owner.At >= since).ToArray();
        if (found.Length > 0)
        {
            foreach (var partition in RegistryLists.KeysOf(RegistryLists.Jobs))
            {
                var ended = (await grains.GetGrain<IRegistryGrain>(partition).List()).Where(entry => !entry.Open);
                foreach (var entry in ended)
                {
                    stoppingToken.ThrowIfCancellationRequested();
                    var job = grains.GetGrain<IJobGrain>(entry.Id);
                    if (await job.GetStatus() is { FinishedAt: { } end } && end >= since)
                    {
                        await job.Recheck(found, stoppingToken);
                    }
                }
            }
        }

        // Only when all were asked: a round that broke off is made again.
        _known = view.Version;
    }

    [LoggerMessage(LogLevel.Error, "Delivered results could not all be checked again; it is tried again at the next interval")]
    private partial void LogFailed(Exception e);
}
