using PiGrid.Tests.Scenarios.Faults;

namespace PiGrid.Benchmarks.Soak;

/// <summary>
/// Harms a grid of real processes for as long as it takes to inject so many faults of every kind, and checks after each episode that nothing accepted
/// was lost and nothing was accepted twice. It goes on with the results file of an earlier run.
/// </summary>
internal static class SoakRun
{
    private const int Volunteers = 4;

    /// <summary>Runs the soak; see <see cref="SoakOptions.Usage"/>.</summary>
    /// <returns>1 when anything was wrong, in this run or in those before.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (SoakOptions.Parse(arguments) is not { } options)
        {
            Console.Error.WriteLine($"Usage: {SoakOptions.Usage}");
            return 2;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Out))!);
        var file = new SoakFile(options.Out);
        var earlier = file.Read();
        var counts = earlier.Where(l => l.Fault is not null).GroupBy(l => l.Fault!.Kind).ToDictionary(g => g.Key, g => g.Count());
        var episode = earlier.Select(l => l.Episode).DefaultIfEmpty(0).Max();
        Console.Error.WriteLine($"{options.Out}: {counts.Values.Sum()} faults so far, in {episode} episodes.");

        var folder = Directory.CreateTempSubdirectory("pigrid-soak-").FullName;
        var clean = await HarmAsync(options, folder, file, counts, episode);
        SoakReport.Print(file.Read());
        if (clean)
        {
            Directory.Delete(folder, recursive: true);
            return file.Read().Exists(l => l.Outcome is { Violations.Count: > 0 }) ? 1 : 0;
        }

        Console.Error.WriteLine($"The logs and data are kept in {folder}.");
        return 1;
    }

    private static async Task<bool> HarmAsync(SoakOptions options, string folder, SoakFile file, Dictionary<FaultKind, int> counts, int episode)
    {
        var witness = new Witness();
        await using var grid = await FaultGrid.StartAsync(folder, Volunteers, CancellationToken.None);
        using var injector = new Injector(grid, witness);
        while (true)
        {
            var seed = options.Seed + ++episode;
            var dice = new Random(seed);
            var plan = SoakPlan.Next(counts, options, dice);
            if (plan.Count == 0)
            {
                // Once more all of them: what was said long ago must still be true.
                await witness.CheckAsync(witness.Jobs, grid);
                return End(witness.Violations);
            }

            SoakLine Line() => new() { Episode = episode, Seed = seed, At = TimeProvider.System.GetUtcNow() };
            var outcome = await new Episode(grid, injector, dice).RunAsync(plan, witness, fault => file.Add(Line() with { Fault = fault }));
            file.Add(Line() with { Outcome = outcome });
            Console.Error.WriteLine(
                $"episode {episode}: {plan.Count} faults, {counts.Values.Sum()} in all; {outcome.Jobs} jobs of {outcome.Shards} shards; calm after {outcome.ConvergedMs / 1000.0:0.0} s");
            if (outcome.Violations.Count > 0)
            {
                Console.Error.WriteLine($"Episode {episode}, seed {seed}:");
                return End(outcome.Violations);
            }
        }
    }

    private static bool End(IReadOnlyCollection<string> violations)
    {
        foreach (var violation in violations)
        {
            Console.Error.WriteLine(violation);
        }

        return violations.Count == 0;
    }
}
