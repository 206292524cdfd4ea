using System.Globalization;

namespace PiGrid.Benchmarks.Attack;

/// <summary>
/// Few shards a node: which epsilon a cost of 2.0 buys there, and what the target costs when operator nodes and not third owners repeat what two agree on.
/// </summary>
internal static class AttackFrontier
{
    private const int SearchSeeds = 2;
    private static readonly (double Share, int Each)[] Sizes =
        [(0.05, 50), (0.05, 24), (0.1, 50), (0.1, 24), (0.2, 50), (0.2, 24), (0.35, 50), (0.35, 24)];

    // Rates around the worst, which is about one lie a node.
    private static readonly double[] SearchRates = [0.002, 0.005, 0.01, 0.02, 0.05];
    private static readonly double[] Epsilons =
        [1e-4, 1.25e-4, 1.5e-4, 2e-4, 2.5e-4, 3e-4, 4e-4, 5e-4, 6e-4, 8e-4, 1e-3, 1.25e-3, 1.5e-3, 2e-3, 2.5e-3, 3e-3, 4e-3, 5e-3];

    /// <summary>Prints both.</summary>
    public static void Print(ulong first, int seeds)
    {
        Console.WriteLine(AttackRow.Header);
        foreach (var (share, each) in Sizes)
        {
            var epsilon = Bought(share, each, first + 1_000_000);
            var name = string.Create(CultureInfo.InvariantCulture, $"colluders, batch, epsilon {epsilon:0.####%} for 2.0");
            var row = AttackRows.Few(share, each, new() { Epsilon = epsilon }, name);
            Console.WriteLine(row.Print(row.Measure(first, seeds)));
        }

        foreach (var each in Sizes.Select(size => size.Each).Distinct())
        {
            var row = AttackRows.Few(0.2, each, new() { ReplicasMax = 2 }, "colluders, batch, operators repeat what two agree on");
            Console.WriteLine(row.Print(row.Measure(first, seeds)));
        }
    }

    /// <summary>The smallest of the epsilons at which no run of the search, on seeds of its own, costs more than 2.0.</summary>
    private static double Bought(double share, int each, ulong first)
    {
        var (low, high) = (0, Epsilons.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var row = AttackRows.Few(share, each, new() { Epsilon = Epsilons[middle] }) with { Rates = SearchRates };
            (low, high) = row.Measure(first, SearchSeeds).Max(result => result.Cost) <= 2 ? (low, middle) : (middle + 1, high);
        }

        return Epsilons[low];
    }
}
