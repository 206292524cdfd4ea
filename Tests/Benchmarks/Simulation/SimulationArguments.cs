using System.Globalization;

namespace PiGrid.Benchmarks.Simulation;

/// <summary>What an experiment is told: <c>[--seeds N] [--first SEED] [--nodes N] [--shards N] [--calls N] [--hours N] [--open N] [--json]</c>.</summary>
/// <param name="Seeds">The seeds.</param>
/// <param name="Nodes">Nodes; the experiment's own number when null.</param>
/// <param name="Shards">Shards.</param>
/// <param name="Calls">Online calls.</param>
/// <param name="Hours">Virtual hours.</param>
/// <param name="Open">Open shards of a job.</param>
/// <param name="Json">Whether to print nothing but JSON.</param>
internal sealed record SimulationArguments(IReadOnlyList<ulong> Seeds, int? Nodes, int? Shards, int? Calls, int? Hours, int? Open, bool Json)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="ArgumentException">One is not known, or no number.</exception>
    public static SimulationArguments Parse(ReadOnlySpan<string> arguments)
    {
        var values = new Dictionary<string, int>();
        var json = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--json")
            {
                json = true;
            }
            else if (arguments[i] is "--seeds" or "--first" or "--nodes" or "--shards" or "--calls" or "--hours" or "--open"
                && i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var value) && value > 0)
            {
                values[arguments[i++]] = value;
            }
            else
            {
                throw new ArgumentException($"'{arguments[i]}' is not understood: [--seeds N] [--first SEED] [--nodes N] [--shards N] [--calls N] [--hours N] [--open N] [--json].");
            }
        }

        int? Given(string name) => values.TryGetValue(name, out var value) ? value : null;
        var first = (ulong)(Given("--first") ?? 1);
        var seeds = Enumerable.Range(0, Given("--seeds") ?? 3).Select(i => first + (ulong)i).ToArray();
        return new(seeds, Given("--nodes"), Given("--shards"), Given("--calls"), Given("--hours"), Given("--open"), json);
    }
}
