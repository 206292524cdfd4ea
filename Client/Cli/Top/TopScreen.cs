using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using PiGrid.Api;

namespace PiGrid.Client.Cli;

/// <summary>One frame of <c>pigrid top</c>.</summary>
internal static class TopScreen
{
    /// <summary>Draws it.</summary>
    /// <param name="grid">The grid's address.</param>
    /// <param name="now">The grid at a glance.</param>
    /// <param name="incidents">Those that are open and are to be shown.</param>
    public static IRenderable Draw(Uri grid, GridOverview now, IReadOnlyList<Incident> incidents)
    {
        var facts = Tables.Facts();
        facts.Row("grid", $"{grid}, PiGrid {now.Version} ({now.Engine}), up {Span(now.At - now.StartedAt)}, at {Tables.At(now.At)}");
        if (now.Problem is { } problem)
        {
            facts.Row("problem", problem);
        }

        facts.Row("nodes", Text($"{now.Nodes.Connected} connected of {now.Enrolled} enrolled, {now.Nodes.FreeSlots} of {now.Nodes.Slots} slots free"));
        facts.Row("  by state", Counts(now.Nodes.States));
        facts.Row("  by tier", Counts(now.Nodes.Tiers));
        facts.Row("queue", Queue(now.Queue));
        facts.Row("shards", Pace(now.Shards));
        facts.Row("calls", Pace(now.Calls));
        facts.Row("jobs", Text($"{now.JobsOpen} open of {now.Jobs}; {now.Models} model versions"));
        facts.Row("incidents", now.IncidentsOpen == 0 ? "none" : Text($"{now.IncidentsOpen} open"));
        return incidents.Count == 0 ? facts : new Rows(facts, Table(incidents));
    }

    private static Table Table(IReadOnlyList<Incident> incidents)
    {
        var table = Tables.Create("incident", "with", "since", "times", "detail");
        foreach (var incident in incidents)
        {
            table.Row(Tables.Word(incident.Kind), incident.Subject, Tables.At(incident.OpenedAt), Tables.Number(incident.Times), incident.Detail);
        }

        return table;
    }

    private static string Queue(GridQueue queue) => queue.Waiting == 0
        ? Text($"nothing waits; {queue.FreeNodes} nodes have free slots")
        : Text($"{queue.Waiting} replicas wait, the oldest for {Span(TimeSpan.FromMilliseconds(queue.OldestMs ?? 0))}")
            + (queue.Reason is null ? "" : $": {queue.Reason}");

    private static string Pace(GridPace pace)
    {
        var most = Math.Max(1, pace.History.DefaultIfEmpty().Max());
        var line = AvailabilityChart.Line(pace.History.Select(count => (double)count / most));
        return Text($"{pace.PerSecond:0.0}/s; p50 {Ms(pace.P50Ms)}, p95 {Ms(pace.P95Ms)}, p99 {Ms(pace.P99Ms)}  {line}");
    }

    private static string Ms(double? ms) => ms is { } known ? Text($"{known:0.0} ms") : "-";

    private static string Counts(IReadOnlyList<CensusCount> counts) =>
        counts.Count == 0 ? "-" : string.Join(", ", counts.Select(c => Text($"{c.Name} {c.Nodes}")));

    private static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 90 } => Text($"{span.TotalSeconds:0.0} s"),
        { TotalMinutes: < 90 } => Text($"{span.TotalMinutes:0} min"),
        { TotalHours: < 48 } => Text($"{span.TotalHours:0} h"),
        _ => Text($"{span.TotalDays:0} d"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
