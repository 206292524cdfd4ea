using System.Diagnostics;
using System.Text.Json;

namespace PiGrid.Benchmarks.Simulation;

/// <summary>Experiments in virtual time with the production rules; <c>sim EXPERIMENT [OPTIONS]</c>.</summary>
internal static class Experiments
{
    private static readonly Dictionary<string, Func<ulong, SimulationArguments, IEnumerable<object>>> All = new()
    {
        ["mapreduce"] = MapReduceExperiment.Run,
        ["stragglers"] = StragglersExperiment.Run,
        ["hedge"] = HedgeExperiment.Run,
        ["churn"] = ChurnExperiment.Run,
        ["restart"] = RestartExperiment.Run,
        ["surge"] = SurgeExperiment.Run,
    };

    /// <summary>Runs one of them, seed by seed.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Length == 0 || !All.TryGetValue(arguments[0], out var experiment))
        {
            Console.Error.WriteLine($"Usage: sim EXPERIMENT [OPTIONS]. The experiments are: {string.Join(", ", All.Keys)}.");
            return Task.FromResult(2);
        }

        var parsed = SimulationArguments.Parse(arguments.AsSpan(1));
        var json = new JsonSerializerOptions(GridJson.Wire);
        foreach (var seed in parsed.Seeds)
        {
            var watch = Stopwatch.StartNew();
            foreach (var row in experiment(seed, parsed))
            {
                Console.WriteLine(parsed.Json
                    ? JsonSerializer.Serialize(new { experiment = arguments[0], seed, row }, json)
                    : $"seed {seed,-4} {string.Join("  ", JsonSerializer.SerializeToElement(row, json).EnumerateObject().Select(p => $"{p.Name} {p.Value}"))}");
            }

            Console.Error.WriteLine($"seed {seed}: {watch.Elapsed.TotalSeconds:0.0} s");
        }

        return Task.FromResult(0);
    }
}
