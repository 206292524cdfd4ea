using System.CommandLine;
using PiGrid.Client.Cli;

namespace PiGrid.Client.Demo;

/// <summary><c>pigrid demo</c>: a whole grid of real processes on this machine, with a liar and a casualty.</summary>
internal static class DemoCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var nodes = Parsing.Number("--nodes", "Volunteer nodes, each a process with an owner of its own.", 7, 1, DemoOptions.NodesMax);
        var liars = Parsing.Number("--liars", "Nodes that forge their results; two or more tell the same lie.", 1, 0, DemoOptions.NodesMax);
        var kill = Parsing.Number("--kill", "Honest nodes that are killed while they hold a lease.", 1, 0, DemoOptions.NodesMax);
        var quorum = Parsing.Number("--quorum", "Results from distinct owners that have to agree.", 2, 2, VerificationPolicy.QuorumMax);
        var model = new Option<string?>("--model") { Description = "The manifest of a model instead of the bundled one; needs --image." };
        var images = new Option<string[]>("--image") { Description = "Pictures instead of the bundled ones.", AllowMultipleArgumentsPerToken = true };
        var keep = new Option<string?>("--keep") { Description = "A new folder for data, logs and annotated pictures, kept at the end." };
        var command = new Command("demo", "Starts a whole grid on this machine, runs a recognition job on it, and shows what came of it.")
        {
            nodes, liars, kill, quorum, model, images, keep,
        };
        command.OnItsOwn(async (parsed, terminal, stop) =>
        {
            var options = new DemoOptions
            {
                Nodes = parsed.GetValue(nodes),
                Liars = parsed.GetValue(liars),
                Kill = parsed.GetValue(kill),
                Quorum = parsed.GetValue(quorum),
                Manifest = parsed.GetValue(model) ?? DemoBundle.Manifest,
                Images = parsed.GetValue(images) is { Length: > 0 } given ? given : parsed.GetValue(model) is null ? DemoBundle.Pictures : [],
                Keep = parsed.GetValue(keep),
            };
            var errors = options.Validate();
            if (errors.Count > 0)
            {
                throw new UsageException($"This demo cannot work: {string.Join("; ", errors)}.");
            }

            return await new DemoRun(options, terminal).RunAsync(stop);
        });
        return command;
    }
}
