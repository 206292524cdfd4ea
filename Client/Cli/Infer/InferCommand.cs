using System.CommandLine;
using System.Globalization;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid infer</c>.</summary>
internal static class InferCommand
{
    private const int ShownElements = 8;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model: NAME, whose newest ready version runs, or NAME@VERSION." };
        var inputs = new Option<string[]>("--input")
        {
            Description = "An input: NAME=VALUE, where VALUE is a text, an array of numbers in JSON, or @FILE that holds either or a picture. Once for each input.",
            Required = true,
        };
        var policy = Parsing.OptionalId<VerificationPolicy>("--policy", "How the result is checked: adaptive (the default), 'adaptive(SHARE)', none, 'quorum(K)' or 'critical(K)'.");
        var timeout = Parsing.Number("--timeout", "How many seconds the grid may take.", 20, 1, 3_600);
        var command = new Command("infer", "Calls a model once and shows what it gives.") { model, inputs, policy, timeout };
        var placement = new PlacementOptions(command);
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var name = parsed.GetRequiredValue(model);
            var metadata = await grid.GetModelMetadataAsync(name, stop);
            var request = new InferRequest
            {
                Model = name,
                Inputs = InferInputs.Of(metadata, parsed.GetRequiredValue(inputs)),
                Policy = parsed.GetValue(policy),
                Timeout = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                Placement = placement.Read(parsed),
            };
            Answer(terminal, await grid.InferAsync(request, stop));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Answer(Terminal terminal, InferResult answer)
    {
        var outputs = answer.Outputs.Select(o => new { o.Name, Datatype = o.DataType, o.Shape, Data = InferOutputs.ElementsOf(o) }).ToList();
        var value = new
        {
            answer.Model,
            answer.Receipt,
            answer.Replicas,
            answer.Credibility,
            QueueMs = answer.QueueTime.TotalMilliseconds,
            NodeMs = answer.NodeTime.TotalMilliseconds,
            ModelMs = answer.ModelTime.TotalMilliseconds,
            outputs,
        };
        terminal.Answer(value, console =>
        {
            var table = Tables.Create("output", "type", "shape", "elements");
            foreach (var o in outputs)
            {
                var shown = string.Join(", ", o.Data.Take(ShownElements).Select(e => Convert.ToString(e, CultureInfo.InvariantCulture)));
                table.Row(o.Name, o.Datatype, $"[{string.Join(", ", o.Shape)}]", o.Data.Count > ShownElements ? $"{shown}, ..." : shown);
            }

            console.Write(table);
            var facts = Tables.Facts();
            facts.Row("model", answer.Model.Value);
            facts.Row("receipt", answer.Receipt?.Value);
            facts.Row("replicas", Tables.Number(answer.Replicas));
            facts.Row("credibility", answer.Credibility?.ToString("0.######", CultureInfo.InvariantCulture));
            facts.Row("time", string.Create(
                CultureInfo.InvariantCulture,
                $"{answer.QueueTime.TotalMilliseconds:0.#} ms until a node had it, {answer.NodeTime.TotalMilliseconds:0.#} ms there, {answer.ModelTime.TotalMilliseconds:0.#} ms in the model"));
            console.Write(facts);
        });
    }
}
