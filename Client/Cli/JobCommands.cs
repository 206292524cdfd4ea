using System.CommandLine;
using System.Globalization;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid job status|watch|cancel|list|retry</c>.</summary>
internal static class JobCommands
{
    /// <summary>Shows where a job stands.</summary>
    public static Command Status()
    {
        var job = Argument();
        var command = new Command("status", "Shows where a job stands: why it waits, and when it can be expected to start.") { job };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            Answer(terminal, await grid.FindJobAsync(parsed.GetValue(job), stop) ?? throw Missing.Job(parsed.GetValue(job)));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Follows a job to its end.</summary>
    public static Command Watch()
    {
        var job = Argument();
        var command = new Command("watch", "Follows a job to its end; fails if the job fails.") { job };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var status = await grid.FindJobAsync(parsed.GetValue(job), stop) ?? throw Missing.Job(parsed.GetValue(job));
            return Answer(terminal, status.IsTerminal ? status : await JobProgress.FollowAsync(grid, terminal, status, stop));
        });
        return command;
    }

    /// <summary>Cancels a job.</summary>
    public static Command Cancel()
    {
        var job = Argument();
        var reason = new Option<string>("--reason") { Description = "Why; at most 500 characters.", DefaultValueFactory = _ => "cancelled by its requester" };
        var command = new Command("cancel", "Cancels what is open of a job.") { job, reason };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var status = await grid.CancelJobAsync(parsed.GetValue(job), parsed.GetRequiredValue(reason), stop);
            Answer(terminal, status);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Lists jobs.</summary>
    public static Command List()
    {
        var open = new Option<bool>("--open") { Description = "Only jobs that have not ended." };
        var limit = Parsing.Number("--limit", "The most jobs shown.", 50, 1, 10_000);
        var command = new Command("list", "Lists jobs, newest first.") { open, limit };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var jobs = await grid.ListJobsAsync(parsed.GetValue(open), stop).Take(parsed.GetValue(limit)).ToListAsync(stop);
            terminal.List("jobs", jobs, console =>
            {
                var table = Tables.Create("job", "name", "model", "state", "shards", "failed inputs", "accepted at", "expected start", "waits");
                foreach (var j in jobs)
                {
                    table.Row(
                        j.Id.Value, j.Name, j.Model.Value, Tables.Word(j.State), $"{j.ShardsAccepted}/{j.Shards}",
                        Tables.Number(j.InputsFailed), Tables.At(j.AcceptedAt), Tables.At(j.ExpectedStart), j.QueueReason);
                }

                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Runs failed inputs again.</summary>
    public static Command Retry()
    {
        var job = Argument();
        var wait = new Option<bool>("--wait") { Description = "Wait until the new job has ended; fail if it fails." };
        var command = new Command("retry", "Runs a job's failed inputs again, as a new job.") { job, wait };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var status = await grid.RetryJobAsync(parsed.GetValue(job), stop);
            return Answer(terminal, parsed.GetValue(wait) && !status.IsTerminal ? await JobProgress.FollowAsync(grid, terminal, status, stop) : status);
        });
        return command;
    }

    /// <summary>Shows where a job stands; the exit code says whether it failed.</summary>
    public static int Answer(Terminal terminal, JobStatus status)
    {
        terminal.Answer(status, console =>
        {
            var table = Tables.Facts();
            void Row(string name, string? value) => table.Row(name, value);
            Row("job", status.Id.Value);
            if (status.Name is not null)
            {
                Row("name", status.Name);
            }

            Row("state", Tables.Word(status.State) + (status.Error is null ? "" : $": {status.Error}"));
            Row("model", $"{status.Model}, {status.Policy}");
            if (status.Placement is { } placement)
            {
                Row("nodes allowed", placement.ToString());
            }

            Row("inputs", string.Create(CultureInfo.InvariantCulture, $"{status.Inputs}, {status.InputsFailed} failed"));
            Row("shards", string.Create(
                CultureInfo.InvariantCulture,
                $"{status.Shards}, {status.ShardsAccepted} accepted, {status.ShardsFailed} failed, {status.ReplicasIssued} replicas"));
            Row("accepted", Tables.At(status.AcceptedAt));
            if (status.FinishedAt is { } end)
            {
                Row("finished", string.Create(CultureInfo.InvariantCulture, $"{Tables.At(end)}, after {(end - status.AcceptedAt).TotalMilliseconds:0} ms"));
            }

            if (status.QueueReason is not null)
            {
                Row("waits", status.QueueReason);
                Row("expected start", status.ExpectedStart is { } start ? Tables.At(start) : "not known");
            }

            console.Write(table);
        });
        return status.State is JobState.Failed or JobState.Cancelled ? ExitCode.Failed : ExitCode.Ok;
    }

    private static Argument<JobId> Argument() => Parsing.Id<JobId>("JOB", "The job's id.");
}
