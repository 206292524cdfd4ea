using System.Diagnostics;
using System.Globalization;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Tests.Attack;

namespace PiGrid.Benchmarks.Attack;

/// <summary>
/// What attacks come to against the trust rules: <c>attack [published|colluders|online|honest|kinds|large]... [--nodes N] [--each N] [--seeds N]</c>. A row is
/// the worst over all seeds and all rates of lying, each figure on its own.
/// </summary>
internal static class AttackTable
{
    private static readonly double[] Rates = [0.0003, 0.0007, 0.001, 0.002, 0.005, 0.01, 0.02, 0.1, 1];
    private static readonly double[] Shares = [0.05, 0.1, 0.2, 0.35];
    private static readonly TrustOptions Options = new();
    private static readonly string[] Known = ["published", "colluders", "online", "honest", "kinds", "large"];

    /// <summary>Prints the tables asked for; all when none is.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        var (nodes, each, seeds) = (1000, 1000, 10);
        var tables = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var next = i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var value) && value > 0 ? value : 0;
            switch (arguments[i])
            {
                case "--nodes" when next > 0: (nodes, i) = (next, i + 1); break;
                case "--each" when next > 0: (each, i) = (next, i + 1); break;
                case "--seeds" when next > 0: (seeds, i) = (next, i + 1); break;
                case var name when Known.Contains(name): tables.Add(name); break;
                default:
                    Console.Error.WriteLine($"'{arguments[i]}' is not understood: attack [{string.Join('|', Known)}]... [--nodes N] [--each N] [--seeds N].");
                    return Task.FromResult(2);
            }
        }

        Console.WriteLine($"seeds 1 to {seeds}; rates of lying {string.Join(' ', Rates)}; at 95 % at most, saboteurs as clusters; cost = replicas + audits for a result");
        Console.WriteLine("| attack | nodes | shards a node | wrong | at most | cost | of it audits |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var table in tables.Count > 0 ? tables.Distinct() : Known)
        {
            Print(table, nodes, each, seeds);
        }

        return Task.FromResult(0);
    }

    private static void Print(string table, int nodes, int each, int seeds)
    {
        switch (table)
        {
            case "published":
                Row("first two to agree, f 0.2", nodes, each, seeds, [1], (_, seed) => PublishedRules.FirstTwo(nodes, nodes * each, 0.2, seed));
                Row("BOINC adaptive, f 0.2", nodes, each, seeds, Rates, (rate, seed) => PublishedRules.Adaptive(nodes, nodes * each, 0.2, rate, false, seed));
                Row("BOINC adaptive, until trusted, f 0.1", nodes, each, seeds, [1], (rate, seed) => PublishedRules.Adaptive(nodes, nodes * each, 0.1, rate, true, seed));
                Row("Sarmenta, f 0.2 told, 10 % ringers", nodes, each, seeds, Rates, (rate, seed) => PublishedRules.Credibility(nodes, nodes * each, 0.2, rate, 0.1, 1e-4, seed));
                break;
            case "colluders":
                foreach (var (share, few) in Shares.SelectMany(_ => new[] { each, 24, 50 }, (share, few) => (share, few)))
                {
                    Row($"colluders, batch, cold, f {share}", nodes, few, seeds, Rates, (rate, seed) =>
                        BatchAttack.Run(nodes, nodes * few, 0, new(AdversaryKind.Colluders, share, rate), Options, seed));
                }

                break;
            case "online":
                foreach (var back in new[] { 0, 0.1, 0.5 })
                {
                    Row($"until trusted, online, cold, f 0.1, {back} re-enrol", nodes, each, seeds, Rates, (rate, seed) =>
                        OnlineAttack.Run(nodes, nodes * each, 0, new(AdversaryKind.UntilTrusted, 0.1, rate, back), Options, seed));
                }

                break;
            case "honest":
                foreach (var warm in new[] { 1000, 0 })
                {
                    Row($"nobody, batch, {(warm > 0 ? "warm" : "cold")}", nodes, each, seeds, [1], (_, seed) =>
                        BatchAttack.Run(nodes, nodes * each, warm, new(AdversaryKind.Colluders, 0, 1), Options, seed));
                }

                break;
            case "kinds":
                foreach (var kind in Enum.GetValues<AdversaryKind>())
                {
                    Row($"{kind}, batch, cold, f 0.2, 0.2 re-enrol", nodes, each, seeds, Rates, (rate, seed) =>
                        BatchAttack.Run(nodes, nodes * each, 0, new(kind, 0.2, rate, 0.2), Options, seed));
                }

                break;
            default:
                var watch = Stopwatch.StartNew();
                Row("colluders, batch, cold, f 0.2, rate 0.01 only", 421_000, 24, 1, [0.01], (rate, seed) =>
                    BatchAttack.Run(421_000, 10_000_000, 0, new(AdversaryKind.Colluders, 0.2, rate), Options, seed));
                Console.Error.WriteLine($"421,000 nodes, 10,000,000 shards: {watch.Elapsed.TotalSeconds:0} s, at most {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB");
                break;
        }
    }

    private static void Row(string name, int nodes, int each, int seeds, double[] rates, Func<double, ulong, AttackResult> run)
    {
        var results = rates.SelectMany(_ => Enumerable.Range(1, seeds), (rate, seed) => run(rate, (ulong)seed)).ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {nodes} | {each} | {results.Max(r => r.WrongShare):0.0000 %} | {results.Max(r => r.WrongUpper):0.0000 %} | {results.Max(r => r.Cost):0.000} | {results.Max(r => r.AuditShare):0.0000} |"));
    }
}
