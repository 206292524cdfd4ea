using System.Globalization;
using PiGrid.Client.Cli;
using Spectre.Console;

namespace PiGrid.Client.Demo;

/// <summary>Shows a running demo: a table redrawn at each event for a person at a terminal, a line per event elsewhere.</summary>
internal sealed class DemoScreen(Terminal terminal, IReadOnlyList<Volunteer> volunteers)
{
    // Drawing shares the processors with the nodes: more often than this nobody sees it.
    private const int RedrawMs = 100;

    /// <summary>Runs the work and shows each event that it passes on.</summary>
    public async Task<T> ShowAsync<T>(DateTimeOffset acceptedAt, DemoTimes times, Func<Action<JobEvent>, Task<T>> work)
    {
        if (!terminal.IsLive)
        {
            return await work(happened => terminal.Say(Line(happened, acceptedAt)));
        }

        return await terminal.Out.Live(Draw(times)).StartAsync(async live =>
        {
            var drawnAt = 0L;
            var result = await work(_ =>
            {
                if (Environment.TickCount64 - drawnAt >= RedrawMs)
                {
                    drawnAt = Environment.TickCount64;
                    live.UpdateTarget(Draw(times));
                }
            });
            live.UpdateTarget(Draw(times));
            return result;
        });
    }

    private Table Draw(DemoTimes times)
    {
        var table = Tables.Create("node", "owner", "acknowledged", "first result", "results", "");
        foreach (var v in volunteers)
        {
            var now = times.Of(v.Node);
            table.Row(v.Node.Value, v.Name, Ms(now.Acknowledged), Ms(now.FirstResult), Tables.Number(now.Results), Note(v, now));
        }

        return table;
    }

    private string Line(JobEvent happened, DateTimeOffset acceptedAt)
    {
        var who = volunteers.FirstOrDefault(v => v.Node == happened.Node);
        var detail = happened.Detail is null ? "" : $" ({happened.Detail})";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(happened.At - acceptedAt).TotalMilliseconds,7:0} ms  {Tables.Word(happened.Kind)}{(happened.Shard is { } s ? $" shard {s}" : "")} {who?.Name ?? happened.Node?.Value}{detail}");
    }

    private static string Note(Volunteer volunteer, NodeTimes now) => volunteer switch
    {
        { Agent.Killed: true } => "killed",
        { Role: VolunteerRole.Liar } => "forges its results",
        _ => now.Results > 0 ? "" : now.Acknowledged is null ? "waits" : "works",
    };

    private static string Ms(TimeSpan? time) => time is { } t ? string.Create(CultureInfo.InvariantCulture, $"{t.TotalMilliseconds:0} ms") : "";
}
