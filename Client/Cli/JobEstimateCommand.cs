using System.CommandLine;
using System.Globalization;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid job estimate</c>.</summary>
internal static class JobEstimateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = Parsing.OptionalId<ModelRef>("--model", "The model version: NAME@VERSION.", required: true);
        var inputs = Parsing.Number("--inputs", "How many inputs.", 1, 1, 100_000_000);
        var policy = Parsing.OptionalId<VerificationPolicy>("--policy", "How results are to be checked: adaptive (the default), 'adaptive(SHARE)', none, 'quorum(K)' or 'critical(K)'.");
        var shardSize = new Option<int?>("--shard-size") { Description = "Inputs in one shard; chosen by the grid when absent." };
        var command = new Command("estimate", "Says what a job would cost and how long it would take, before it is submitted.") { model, inputs, policy, shardSize };
        var placement = new PlacementOptions(command);
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var question = new JobQuestion
            {
                Model = parsed.GetValue(model)!.Value,
                Inputs = parsed.GetValue(inputs),
                Policy = parsed.GetValue(policy),
                ShardSize = parsed.GetValue(shardSize),
                Placement = placement.Read(parsed),
            };
            var estimate = await grid.EstimateAsync(question, stop);
            terminal.Answer(estimate, console =>
            {
                var facts = Tables.Facts();
                facts.Row("policy", estimate.Policy.Value);
                facts.Row("shards", Tables.Number(estimate.Shards));
                facts.Row("replicas a shard", Number(estimate.ReplicasPerShard));
                facts.Row("operator's replicas a shard", Number(estimate.AuditsPerShard));
                facts.Row("cost, in unchecked results", Number(estimate.CostPerShard));
                facts.Row("wrong results, at most", estimate.ExpectedWrong?.ToString("0.####%", CultureInfo.InvariantCulture));
                facts.Row("time at best", estimate.Shortest is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s") : "not known");
                facts.Row("operator node", estimate.HasOperator ? "connected" : "none is connected");
                console.Write(facts);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
