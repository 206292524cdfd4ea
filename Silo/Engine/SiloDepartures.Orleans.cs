using Orleans.Runtime;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Engine;

/// <summary>
/// When a silo leaves the cluster, dead or stopped, its grains are gone until somebody calls them. One of the silos that stay wakes all that is open: the one
/// that is first by address, so that it is done once.
/// </summary>
internal sealed partial class SiloDepartures(
    IClusterMembershipService membership, ILocalSiloDetails self, Resumption resumption, ILogger<SiloDepartures> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var before = membership.CurrentSnapshot;
        await foreach (var now in membership.MembershipUpdates.WithCancellation(stoppingToken))
        {
            var gone = now.Members.Values
                .Where(m => m.Status == SiloStatus.Dead && before.GetSiloStatus(m.SiloAddress) is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping)
                .Select(m => m.SiloAddress)
                .ToArray();
            before = now;
            if (gone.Length > 0 && IsFirst(now))
            {
                Gone(string.Join(", ", gone.Select(g => g.ToString())));
                await resumption.StartAgainAsync(stoppingToken);
            }
        }
    }

    private bool IsFirst(ClusterMembershipSnapshot now) =>
        now.Members.Values.Where(m => m.Status == SiloStatus.Active).Min(m => m.SiloAddress)?.Equals(self.SiloAddress) == true;

    [LoggerMessage(LogLevel.Warning, "Silo {Silo} is gone; what is open is resumed")]
    private partial void Gone(string silo);
}
