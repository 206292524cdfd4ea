using System.Diagnostics;
using System.Globalization;
using PiGrid.Tests.Attack;

namespace PiGrid.Benchmarks.Attack;

/// <summary>What attacks come to against the trust rules: <c>attack [TABLE]... [--nodes N] [--each N] [--seeds N] [--first SEED]</c>.</summary>
internal static class AttackTable
{
    private static readonly string[] Known = [.. AttackRows.Tables, "frontier", "start", "large"];

    /// <summary>Prints the tables asked for; all when none is.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        var (nodes, each, seeds, first) = (1000, 1000, 10, 1);
        var tables = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var next = i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var value) && value > 0 ? value : 0;
            switch (arguments[i])
            {
                case "--nodes" when next > 0: (nodes, i) = (next, i + 1); break;
                case "--each" when next > 0: (each, i) = (next, i + 1); break;
                case "--seeds" when next > 0: (seeds, i) = (next, i + 1); break;
                case "--first" when next > 0: (first, i) = (next, i + 1); break;
                case var name when Known.Contains(name): tables.Add(name); break;
                default:
                    Console.Error.WriteLine($"'{arguments[i]}' is not understood: attack [{string.Join('|', Known)}]... [--nodes N] [--each N] [--seeds N] [--first SEED].");
                    return Task.FromResult(2);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seeds {first} to {first + seeds - 1}; rates of lying {string.Join(' ', AttackRows.Rates)}; at most: at 95 %, saboteurs as clusters; cost: replicas and audits for a result"));
        foreach (var table in tables.Count > 0 ? tables.Distinct() : Known)
        {
            Print(table, new(nodes, each), (ulong)first, seeds);
        }

        return Task.FromResult(0);
    }

    private static void Print(string table, AttackRows rows, ulong first, int seeds)
    {
        switch (table)
        {
            case "frontier":
                AttackFrontier.Print(first, seeds);
                break;
            case "start":
                AttackStart.Print(first);
                break;
            case "large":
                Large(first);
                break;
            default:
                Console.WriteLine(AttackRow.Header);
                foreach (var row in rows.Of(table))
                {
                    Console.WriteLine(row.Print(row.Measure(first, seeds)));
                }

                break;
        }
    }

    private static void Large(ulong seed)
    {
        var scenario = new AttackScenario { Nodes = 421_000, Shards = 10_000_000, Adversary = new(AdversaryKind.Colluders, 0.2, 0.01) };
        var watch = Stopwatch.StartNew();
        var row = new AttackRow("colluders, batch, f 0.2, rate 0.01 only", scenario.Nodes, 24, 0, [0.01], (_, s) => BatchAttack.Run(scenario, s));
        Console.WriteLine(AttackRow.Header);
        Console.WriteLine(row.Print(row.Measure(seed, 1)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"421,000 nodes, 10,000,000 shards: {watch.Elapsed.TotalSeconds:0} s, at most {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB"));
    }
}
