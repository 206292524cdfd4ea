using System.Globalization;
using PiGrid.Tests.Attack;

namespace PiGrid.Benchmarks.Attack;

/// <summary>One row of the table: an attack of which each figure is the worst over all seeds and all rates of lying, each on its own.</summary>
/// <param name="Name">What is attacked, and how.</param>
/// <param name="Nodes">Nodes.</param>
/// <param name="Each">Shards a node.</param>
/// <param name="Warm">Checks that every node has passed before; 0 is cold.</param>
/// <param name="Rates">Rates of lying.</param>
/// <param name="Run">Runs one.</param>
internal sealed record AttackRow(string Name, int Nodes, int Each, int Warm, IReadOnlyList<double> Rates, Func<double, ulong, AttackResult> Run)
{
    /// <summary>The header over rows.</summary>
    public const string Header =
        "| attack | nodes | shards a node | start | wrong | at most | cost | of it audits |\n|---|---|---|---|---|---|---|---|";

    /// <summary>Runs it, two at a time.</summary>
    public AttackResult[] Measure(ulong first, int seeds)
    {
        var results = new AttackResult[Rates.Count * seeds];
        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
            results[i] = Run(Rates[i / seeds], first + (ulong)(i % seeds)));
        return results;
    }

    /// <summary>The row, as text.</summary>
    public string Print(AttackResult[] results) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Name} | {Nodes} | {Each} | {(Warm > 0 ? "warm" : "cold")} | {results.Max(r => r.WrongShare):0.0000 %} | {results.Max(r => r.WrongUpper):0.0000 %} | {results.Max(r => r.Cost):0.000} | {results.Max(r => r.AuditShare):0.0000} |");
}
