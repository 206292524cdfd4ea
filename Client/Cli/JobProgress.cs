using System.Globalization;
using Spectre.Console;

namespace PiGrid.Client.Cli;

/// <summary>Follows a job to its end: a progress bar for people, a line for each change when standard error is no terminal.</summary>
internal static class JobProgress
{
    /// <summary>Follows the job; returns its last status.</summary>
    public static async Task<JobStatus> FollowAsync(GridClient grid, Terminal terminal, JobStatus status, CancellationToken stop)
    {
        if (terminal.Json || Console.IsErrorRedirected)
        {
            return await WatchAsync(grid, status, now => terminal.Say(Line(now)), stop);
        }

        return await terminal.Error.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(status.Name ?? status.Id.Value), maxValue: Math.Max(1, status.Shards));
                return await WatchAsync(
                    grid,
                    status,
                    now =>
                    {
                        bar.Description = Markup.Escape($"{status.Name ?? status.Id.Value}{Waits(now)}");
                        bar.Value = now.ShardsAccepted + now.ShardsFailed;
                    },
                    stop);
            });
    }

    private static async Task<JobStatus> WatchAsync(GridClient grid, JobStatus status, Action<JobStatus> show, CancellationToken stop)
    {
        show(status);
        await foreach (var happened in grid.WatchAsync(status.Id, stop))
        {
            switch (happened.Kind)
            {
                case JobEventKind.ShardAccepted:
                    status = status with { ShardsAccepted = Math.Min(status.Shards, status.ShardsAccepted + 1) };
                    show(status);
                    break;
                case JobEventKind.ShardFailed:
                    status = status with { ShardsFailed = Math.Min(status.Shards, status.ShardsFailed + 1) };
                    show(status);
                    break;
                case JobEventKind.JobQueued or JobEventKind.JobChecking:
                    // The event says why; when it can be expected to start is in the job's status alone.
                    var known = happened.Detail is null ? null : await grid.FindJobAsync(status.Id, stop);
                    status = status with { QueueReason = happened.Detail, ExpectedStart = known?.ExpectedStart };
                    show(status);
                    break;
                default:
                    break;
            }
        }

        return await grid.WaitForJobAsync(status.Id, stop);
    }

    private static string Line(JobStatus status) => string.Create(
        CultureInfo.InvariantCulture,
        $"{status.Id}: {status.ShardsAccepted} of {status.Shards} shards accepted, {status.ShardsFailed} failed{Waits(status)}");

    private static string Waits(JobStatus status) => status.QueueReason is null
        ? ""
        : $"; waits: {status.QueueReason}{(status.ExpectedStart is { } start ? $" (start expected at {Tables.At(start)})" : "")}";
}
