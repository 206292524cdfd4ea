using System.Collections.Immutable;
using Orleans;

namespace PiGrid.Grains.Incidents;

/// <summary>
/// What is remembered of what went wrong. What goes on is one incident however often it is reported; what has no duration is over as soon as it is told. When there are
/// too many, those that ended longest ago are forgotten first.
/// </summary>
internal static class IncidentRules
{
    /// <summary>How many are remembered.</summary>
    public const int KeptMax = 200;

    // What is said for people may quote what others wrote.
    private const int DetailMax = 500;

    /// <summary>It went wrong, or goes on.</summary>
    public static IncidentLog Report(IncidentLog log, IncidentKind kind, string subject, string detail, DateTimeOffset now)
    {
        var said = detail.Length <= DetailMax ? detail : detail[..DetailMax] + "…";
        var at = Find(log, kind, subject);
        if (at >= 0)
        {
            var known = log.Incidents[at];
            return log with { Incidents = log.Incidents.SetItem(at, known with { Detail = said, SeenAt = now, Times = known.Times + 1 }) };
        }

        var incident = new Incident { Kind = kind, Subject = subject, Detail = said, OpenedAt = now, SeenAt = now, ClosedAt = Lasts(kind) ? null : now };
        return log with { Incidents = Forget(log.Incidents.Add(incident)) };
    }

    /// <summary>It is over.</summary>
    public static IncidentLog Close(IncidentLog log, IncidentKind kind, string subject, DateTimeOffset now)
    {
        var at = Find(log, kind, subject);
        return at < 0 ? log : log with { Incidents = log.Incidents.SetItem(at, log.Incidents[at] with { ClosedAt = now }) };
    }

    /// <summary>Open ones first, then the newest.</summary>
    public static IEnumerable<Incident> InOrder(IncidentLog log) =>
        log.Incidents.OrderBy(i => i.ClosedAt is not null).ThenByDescending(i => i.OpenedAt);

    private static bool Lasts(IncidentKind kind) => kind switch
    {
        IncidentKind.NodeSuspended or IncidentKind.OwnerBanned or IncidentKind.ModelWaits or IncidentKind.StoreUnavailable => true,
        IncidentKind.ModelRejected or IncidentKind.JobFailed => false,
    };

    private static int Find(IncidentLog log, IncidentKind kind, string subject) =>
        log.Incidents.FindIndex(i => i.Kind == kind && i.Subject == subject && i.ClosedAt is null);

    private static ImmutableList<Incident> Forget(ImmutableList<Incident> incidents)
    {
        while (incidents.Count > KeptMax)
        {
            incidents = incidents.Remove(incidents.Where(i => i.ClosedAt is not null).MinBy(i => i.ClosedAt) ?? incidents.MinBy(i => i.SeenAt)!);
        }

        return incidents;
    }
}

/// <summary>All incidents that are remembered.</summary>
[GenerateSerializer, Alias("PiGrid.IncidentLog")]
internal sealed record IncidentLog
{
    /// <summary>In the order of their beginning.</summary>
    [Id(0)]
    public ImmutableList<Incident> Incidents { get; init; } = [];
}
