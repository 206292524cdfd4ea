using System.CommandLine;
using Spectre.Console;
using PiGrid.Api;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid top</c>.</summary>
internal static class TopCommand
{
    private const int IncidentsShown = 8;

    private static readonly TimeSpan KeyPause = TimeSpan.FromMilliseconds(50);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "Show it once; so it is, too, when standard output is no terminal, but for --format ndjson." };
        var command = new Command("top", "Shows the grid live: nodes, queue, throughput, latency, incidents. The key q ends it.") { once };
        command.OnGrid((parsed, grid, terminal, stop) =>
            parsed.GetValue(once) || !(terminal.IsLive || terminal.Format == OutputFormat.Ndjson) ? OnceAsync(grid, terminal, stop)
            : terminal.IsLive ? LiveAsync(grid, terminal, stop)
            : LinesAsync(grid, terminal, stop));
        return command;
    }

    private static async Task<int> OnceAsync(GridClient grid, Terminal terminal, CancellationToken stop)
    {
        var overview = await grid.GetOverviewAsync(stop);
        var incidents = await OpenAsync(grid, overview, stop);
        terminal.Answer(new { overview, incidents }, console => console.Write(TopScreen.Draw(grid.Grid, overview, incidents)));
        return ExitCode.Ok;
    }

    private static async Task<int> LinesAsync(GridClient grid, Terminal terminal, CancellationToken stop)
    {
        await foreach (var overview in grid.WatchOverviewAsync(stop))
        {
            terminal.List("overviews", [overview], _ => { });
        }

        return ExitCode.Ok;
    }

    private static async Task<int> LiveAsync(GridClient grid, Terminal terminal, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var keys = Console.IsInputRedirected ? Task.CompletedTask : ReadKeysAsync(over);
        try
        {
            var first = await grid.GetOverviewAsync(over.Token);
            await terminal.Out.Live(TopScreen.Draw(grid.Grid, first, [])).StartAsync(async screen =>
            {
                await foreach (var overview in grid.WatchOverviewAsync(over.Token))
                {
                    screen.UpdateTarget(TopScreen.Draw(grid.Grid, overview, await OpenAsync(grid, overview, over.Token)));
                }
            });
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            // By the key.
        }
        finally
        {
            await over.CancelAsync();
            await keys;
        }

        return ExitCode.Ok;
    }

    private static async Task ReadKeysAsync(CancellationTokenSource over)
    {
        while (!over.IsCancellationRequested)
        {
            if (Console.KeyAvailable && Console.ReadKey(intercept: true).Key == ConsoleKey.Q)
            {
                await over.CancelAsync();
            }

            await Task.Delay(KeyPause, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<IReadOnlyList<Incident>> OpenAsync(GridClient grid, GridOverview overview, CancellationToken stop) => overview.IncidentsOpen == 0
        ? []
        : await grid.ListIncidentsAsync(stop).TakeWhile(incident => incident.ClosedAt is null).Take(IncidentsShown).ToListAsync(stop);
}
