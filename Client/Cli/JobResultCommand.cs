using System.CommandLine;
using PiGrid.Client.Results;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid job result</c>.</summary>
internal static class JobResultCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var job = Parsing.Id<JobId>("JOB", "The job's id.");
        var output = new Option<string?>("--output", "-o") { Description = "The file (or, for pictures, the folder) to write; standard output when absent." };
        var format = new Option<ResultFormat>("--format")
        {
            Description = "jsonl (one line per input), coco (one JSON document of detections) or pictures (annotated PNG files).",
            DefaultValueFactory = _ => ResultFormat.Jsonl,
        };
        var command = new Command("result", "Reads a job's outputs, in input order.") { job, output, format };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var id = parsed.GetValue(job);
            var to = parsed.GetValue(output);
            var status = await grid.FindJobAsync(id, stop) ?? throw Missing.Job(id);
            if (!status.IsTerminal)
            {
                terminal.Say($"{id} is still running: these are the outputs up to its first open shard.");
            }

            var results = grid.ReadResultsAsync(id, 0, stop);
            var written = parsed.GetValue(format) switch
            {
                ResultFormat.Jsonl when terminal.Json && to is null => await AnswerAsync(terminal, id, results, stop),
                ResultFormat.Jsonl => await JsonLinesWriter.WriteAsync(results, Open(to), stop),
                ResultFormat.Coco => await CocoWriter.WriteAsync(results, new ResultPictures(grid), Open(to), stop),
                ResultFormat.Pictures => await PictureFolder.WriteAsync(
                    results, new ResultPictures(grid), to ?? throw new UsageException("--format pictures needs --output FOLDER."), stop),
            };
            if (to is not null)
            {
                terminal.Answer(new { job = id, results = written, output = Path.GetFullPath(to) }, _ => terminal.Say($"{written} results written to {to}."));
            }

            return status.State is JobState.Failed or JobState.Cancelled ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    private static Stream Open(string? path) => path is null ? Console.OpenStandardOutput() : File.Create(path);

    private static async Task<int> AnswerAsync(Terminal terminal, JobId job, IAsyncEnumerable<JobResult> results, CancellationToken stop)
    {
        var all = await results.ToListAsync(stop);
        terminal.Answer(new { job, results = all }, _ => { });
        return all.Count;
    }
}
