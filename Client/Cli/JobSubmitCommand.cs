using System.CommandLine;
using System.Globalization;
using PiGrid.Models;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid job submit</c>.</summary>
internal static class JobSubmitCommand
{
    private static readonly TimeSpan SubmitWait = TimeSpan.FromSeconds(20);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = Parsing.OptionalId<ModelRef>("--model", "The model version: NAME@VERSION.", required: true);
        var files = new Argument<string[]>("INPUTS") { Description = "Files, folders, or patterns such as 'photos/**/*.jpg'.", Arity = ArgumentArity.ZeroOrMore };
        var jsonl = new Option<string?>("--jsonl") { Description = "A file of JSON lines, each with one of text, file, data or tensors, and optionally name." };
        var text = new Option<string?>("--text") { Description = "One text as the only input." };
        var policy = Parsing.OptionalId<VerificationPolicy>("--policy", "How results are checked: adaptive (the default), 'adaptive(SHARE)', none, 'quorum(K)' or 'critical(K)'.");
        var deadline = new Option<string?>("--deadline") { Description = "When the job is to be over: an instant, or a time from now such as 15m." };
        var name = new Option<string?>("--name") { Description = "A name for people; at most 200 characters." };
        var priority = new Option<JobPriority>("--priority") { Description = "What goes first among your own jobs: low, normal or high." };
        priority.OfferingWordsOf<JobPriority, JobPriority>();
        var shardSize = new Option<int?>("--shard-size") { Description = "Inputs in one shard; chosen by the grid when absent." };
        var wait = new Option<bool>("--wait") { Description = "Wait until the job has ended; fail if it fails." };
        var command = new Command("submit", "Submits a job.") { files, model, jsonl, text, policy, deadline, priority, name, shardSize, wait };
        var placement = new PlacementOptions(command);
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var chosen = parsed.GetValue(model)!.Value;
            var spec = new JobSpec
            {
                Model = chosen,
                Policy = parsed.GetValue(policy),
                Deadline = parsed.GetValue(deadline) is { } end ? Parsing.Deadline(end, TimeProvider.System.GetUtcNow()) : null,
                Name = parsed.GetValue(name),
                ShardSize = parsed.GetValue(shardSize),
                Priority = parsed.GetValue(priority),
                Placement = placement.Read(parsed),
            };
            var inputs = await ReadInputsAsync(parsed.GetValue(files) ?? [], parsed.GetValue(jsonl), parsed.GetValue(text), () => KindOfAsync(grid, chosen, stop));
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"Submitting {inputs.Count} inputs to {chosen} ..."));
            spec = await grid.WithInputsAsync(spec, inputs, progress: null, stop);
            return await SubmitAsync(grid, terminal, spec, parsed.GetValue(wait), stop);
        });
        return command;
    }

    private static async Task<int> SubmitAsync(GridClient grid, Terminal terminal, JobSpec spec, bool wait, CancellationToken stop)
    {
        var status = await grid.SubmitAsync(spec, wait ? SubmitWait : TimeSpan.Zero, stop);
        try
        {
            if (wait && !status.IsTerminal)
            {
                status = await JobProgress.FollowAsync(grid, terminal, status, stop);
            }
        }
        catch (OperationCanceledException)
        {
            terminal.Say($"{status.Id} goes on in the grid; 'pigrid job cancel {status.Id}' ends it.");
            throw;
        }

        return JobCommands.Answer(terminal, status);
    }

    private static async Task<List<InputSource>> ReadInputsAsync(string[] files, string? jsonl, string? text, Func<Task<InputKind?>> kind)
    {
        var given = (files.Length > 0 ? 1 : 0) + (jsonl is null ? 0 : 1) + (text is null ? 0 : 1);
        if (given != 1)
        {
            throw new UsageException("Give the inputs in exactly one way: files, folders or patterns; --jsonl FILE; or --text TEXT.");
        }

        var inputs = text is not null
            ? [InputSource.FromText("text", text)]
            : jsonl is not null ? InputLines.Read(jsonl) : InputFiles.Resolve(files, files.Any(Directory.Exists) ? await kind() : null);
        return inputs.Count > 0 ? inputs : throw new UsageException("There are no inputs.");
    }

    private static async Task<InputKind?> KindOfAsync(GridClient grid, ModelRef model, CancellationToken stop) =>
        (await grid.FindModelAsync(model, stop))?.Manifest.Preprocess.Kind;
}
