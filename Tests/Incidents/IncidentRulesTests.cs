using PiGrid.Grains.Incidents;

namespace PiGrid.Tests.Incidents;

public sealed class IncidentRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Report_OfWhatGoesOn_CountsOnceMore()
    {
        var log = Report(new IncidentLog(), IncidentKind.NodeSuspended, "n1", "first", 0);
        log = Report(log, IncidentKind.NodeSuspended, "n1", "second", 5);

        var incident = Assert.Single(log.Incidents);
        Assert.Equal(("second", 2, Start, Start.AddMinutes(5), null), (incident.Detail, incident.Times, incident.OpenedAt, incident.SeenAt, incident.ClosedAt));
    }

    [Fact]
    public void Report_AfterTheEnd_IsAnotherIncident()
    {
        var log = Report(new IncidentLog(), IncidentKind.NodeSuspended, "n1", "first", 0);
        log = IncidentRules.Close(log, IncidentKind.NodeSuspended, "n1", Start.AddMinutes(1));
        log = Report(log, IncidentKind.NodeSuspended, "n1", "again", 2);

        Assert.Equal(["again", "first"], IncidentRules.InOrder(log).Select(i => i.Detail));
        Assert.Equal(Start.AddMinutes(1), log.Incidents[0].ClosedAt);
    }

    [Fact]
    public void Report_OfWhatHasNoDuration_IsOverAtOnce()
    {
        var log = Report(new IncidentLog(), IncidentKind.JobFailed, "j1", "no node", 0);

        Assert.Equal(Start, log.Incidents[0].ClosedAt);
        Assert.Same(log, IncidentRules.Close(log, IncidentKind.JobFailed, "j1", Start.AddMinutes(1)));
    }

    [Fact]
    public void Close_OfSomethingElse_ChangesNothing()
    {
        var log = Report(new IncidentLog(), IncidentKind.NodeSuspended, "n1", "first", 0);

        Assert.Same(log, IncidentRules.Close(log, IncidentKind.NodeSuspended, "n2", Start));
        Assert.Same(log, IncidentRules.Close(log, IncidentKind.OwnerBanned, "n1", Start));
    }

    [Fact]
    public void Report_WhenThereAreTooMany_ForgetsWhatEndedLongestAgo()
    {
        var log = Report(new IncidentLog(), IncidentKind.OwnerBanned, "open", "stays", 0);
        for (var i = 0; i < IncidentRules.KeptMax; i++)
        {
            log = Report(log, IncidentKind.JobFailed, $"j{i}", "no node", i);
        }

        Assert.Equal(IncidentRules.KeptMax, log.Incidents.Count);
        Assert.Equal("open", log.Incidents[0].Subject);
        Assert.Equal("j1", log.Incidents[1].Subject);
    }

    [Fact]
    public void Report_WithAVeryLongDetail_KeepsItsBeginning()
    {
        var log = Report(new IncidentLog(), IncidentKind.JobFailed, "j1", new string('x', 100_000), 0);

        Assert.InRange(log.Incidents[0].Detail.Length, 1, 1_000);
    }

    private static IncidentLog Report(IncidentLog log, IncidentKind kind, string subject, string detail, int minute) =>
        IncidentRules.Report(log, kind, subject, detail, Start.AddMinutes(minute));
}
