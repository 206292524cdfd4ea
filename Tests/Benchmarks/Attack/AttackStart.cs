using System.Globalization;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Tests.Attack;

namespace PiGrid.Benchmarks.Attack;

/// <summary>A grid's first 200 shards: seven nodes, two of them colluders, nobody known; with and without ringers.</summary>
internal static class AttackStart
{
    private const int Shards = 200;
    private const int Runs = 1000;
    private static readonly double[] Ringers = [0, 0.5, 1];
    private static readonly (double Epsilon, int Audits)[] Targets =
        [(new TrustOptions().Epsilon, new TrustOptions().AuditsPerJob), (0.05, new TrustOptions().AuditsPerJob), (0.05, 0)];

    /// <summary>Prints it. The worst rate of lying is that with the most wrong results.</summary>
    public static void Print(ulong first)
    {
        Console.WriteLine($"{Runs} runs for each rate, seeds {first} to {first + Runs - 1}");
        Console.WriteLine("| first 200 shards, 7 nodes, 2 colluders | worst rate | wrong of 200 | runs with any | most | found | cost | of it audits |\n|---|---|---|---|---|---|---|---|");
        foreach (var ringers in Ringers)
        {
            Row($"online, {ringers:0 %} ringers", new() { RingerRate = ringers }, online: true, first);
        }

        foreach (var (epsilon, audits) in Targets)
        {
            foreach (var ringers in Ringers)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"batch, epsilon {epsilon:0.##%}, {ringers:0 %} ringers{(audits == 0 ? ", no audits ahead" : "")}");
                Row(name, new() { RingerRate = ringers, Epsilon = epsilon, AuditsPerJob = audits }, online: false, first);
            }
        }
    }

    private static void Row(string name, TrustOptions options, bool online, ulong first)
    {
        var worst = AttackRows.Rates.Select(rate => (Rate: rate, Results: Run(rate, options, online, first))).MaxBy(at => at.Results.Sum(r => r.Wrong));
        var results = worst.Results;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {worst.Rate} | {results.Average(r => r.Wrong):0.000} | {results.Count(r => r.Wrong > 0) / (double)Runs:0.00 %} | {results.Max(r => r.Wrong)} | {results.Average(r => r.Found):0.00} | {results.Average(r => r.Cost):0.00} | {results.Average(r => r.AuditShare):0.00} |"));
    }

    private static AttackResult[] Run(double rate, TrustOptions options, bool online, ulong first)
    {
        var scenario = new AttackScenario { Nodes = 7, Shards = Shards, Adversary = new(AdversaryKind.Colluders, 2 / 7.0, rate), Options = options };
        var results = new AttackResult[Runs];
        Parallel.For(0, Runs, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
            results[i] = online ? OnlineAttack.Run(scenario, first + (ulong)i) : BatchAttack.Run(scenario, first + (ulong)i));
        return results;
    }
}
