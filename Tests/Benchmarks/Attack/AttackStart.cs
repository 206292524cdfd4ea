using System.Globalization;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Tests.Attack;

namespace PiGrid.Benchmarks.Attack;

/// <summary>A grid's first 200 shards: seven nodes, two of them colluders, nobody known; with and without ringers.</summary>
internal static class AttackStart
{
    private const int Shards = 200;
    private const int Runs = 10_000;

    /// <summary>Prints it. The worst rate of lying is that with the most wrong results.</summary>
    public static void Print(ulong first)
    {
        Console.WriteLine($"{Runs} runs for each rate, seeds {first} to {first + Runs - 1}");
        Console.WriteLine("| first 200 shards, 7 nodes, 2 colluders | worst rate | wrong of 200 | runs with any | most | found | cost | of it audits |\n|---|---|---|---|---|---|---|---|");
        foreach (var ringers in new[] { 0, 0.5, 1 })
        {
            var options = new TrustOptions { RingerRate = ringers };
            Row($"online, {ringers:0 %} ringers", options, online: true, first);
        }

        foreach (var (epsilon, ringers) in new[] { 1e-4, 0.01, 0.05 }.SelectMany(_ => new[] { 0, 0.5, 1 }, (epsilon, ringers) => (epsilon, ringers)))
        {
            Row($"batch, epsilon {epsilon:0.##%}, {ringers:0 %} ringers", new() { RingerRate = ringers, Epsilon = epsilon }, online: false, first);
        }

        foreach (var ringers in new[] { 0, 0.5, 1 })
        {
            Row($"batch, epsilon 5%, {ringers:0 %} ringers, no audits ahead", new() { RingerRate = ringers, Epsilon = 0.05, AuditsPerJob = 0 }, online: false, first);
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
