namespace PiGrid.Benchmarks.Online;

/// <summary>Percentiles of measured times in milliseconds.</summary>
internal static class Latencies
{
    /// <summary>The nearest-rank percentile: the smallest value that at least that share of the values does not exceed.</summary>
    /// <param name="values">The values, in any order; at least one.</param>
    /// <param name="percent">Over 0, up to 100.</param>
    public static double Percentile(IReadOnlyCollection<double> values, double percent)
    {
        var sorted = values.Order().ToList();
        return Math.Round(sorted[(int)Math.Ceiling(sorted.Count * percent / 100) - 1], 3);
    }
}
