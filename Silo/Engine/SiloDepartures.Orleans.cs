using Orleans.Runtime;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Engine;

/// <summary>Applies <see cref="DepartureRules"/> to the cluster's membership.</summary>
internal sealed partial class SiloDepartures(
    IClusterMembershipService membership, ILocalSiloDetails self, Resumption resumption, ILogger<SiloDepartures> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var before = States(membership.CurrentSnapshot);
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
        {
            var now = States(snapshot);
            var gone = DepartureRules.ToResume(before, now, self.SiloAddress);
            before = now;
            if (gone.Count > 0)
            {
                Gone(string.Join(", ", gone.Select(g => g.ToString())));
                await resumption.StartAgainAsync(stoppingToken);
            }
        }
    }

    private static Dictionary<SiloAddress, MemberState> States(ClusterMembershipSnapshot snapshot) => snapshot.Members.Values.ToDictionary(
        member => member.SiloAddress,
        member => member.Status switch
        {
            SiloStatus.Active => MemberState.Active,
            SiloStatus.ShuttingDown or SiloStatus.Stopping => MemberState.Leaving,
            SiloStatus.Dead => MemberState.Gone,
            _ => MemberState.Joining,
        });

    [LoggerMessage(LogLevel.Warning, "Silo {Silo} is gone; what is open is resumed")]
    private partial void Gone(string silo);
}
