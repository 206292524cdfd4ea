using System.Text.Json;
using PiGrid.Tests.Scenarios.Faults;

namespace PiGrid.Benchmarks.Soak;

/// <summary>Sums up a results file: a table for people and one JSON object for programs.</summary>
internal static class SoakReport
{
    /// <summary>Prints it.</summary>
    public static void Print(List<SoakLine> lines)
    {
        var faults = lines.Select(l => l.Fault).OfType<Fault>().ToList();
        var outcomes = lines.Select(l => l.Outcome).OfType<EpisodeOutcome>().ToList();
        Console.WriteLine("fault           injected   at a chosen step   held, median ms   held, most ms");
        foreach (var kind in faults.GroupBy(f => f.Kind).OrderBy(g => g.Key))
        {
            var held = kind.Select(f => f.HeldMs).Order().ToList();
            Console.WriteLine($"{kind.Key,-14} {held.Count,9} {kind.Count(f => f.Moment != Injector.AnyTime),18} {held[held.Count / 2],17} {held[^1],15}");
        }

        var converged = outcomes.Select(o => o.ConvergedMs).Where(ms => ms >= 0).Order().ToList();
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                benchmark = "soak",
                faults = faults.Count,
                episodes = outcomes.Count,
                jobs = outcomes.Sum(o => o.Jobs),
                shards = outcomes.Sum(o => o.Shards),
                violations = outcomes.Sum(o => o.Violations.Count),
                converged_median_ms = converged.Count > 0 ? converged[converged.Count / 2] : -1,
                converged_most_ms = converged.Count > 0 ? converged[^1] : -1,
            },
            GridJson.Wire));
    }
}
