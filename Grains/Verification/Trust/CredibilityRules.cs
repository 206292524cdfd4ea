namespace PiGrid.Grains.Verification.Trust;

/// <summary>
/// Credibility after Sarmenta, "Sabotage-tolerance mechanisms for volunteer computing systems" (2001): the probability that a result is right, of one
/// node and of groups of results that agree.
/// </summary>
internal static class CredibilityRules
{
    /// <summary>
    /// The credibility of a node that has passed <paramref name="passed"/> checks. Whatever its rate of lying, one that survives k checks is wrong with
    /// probability f / ((1 - f) k e) at most.
    /// </summary>
    /// <param name="passed">Checks passed, decayed; not negative.</param>
    /// <param name="saboteurs">The share of saboteurs, 0 to below 1.</param>
    public static double Node(double passed, double saboteurs) =>
        passed < 1 ? 1 - saboteurs : Math.Max(1 - saboteurs, 1 - (saboteurs / ((1 - saboteurs) * passed * Math.E)));

    /// <summary>
    /// The credibility of each group: that all of it is right and every other wrong, among the cases that can be (one group right, or none).
    /// </summary>
    /// <param name="groups">The credibilities of the results in each group, distinct owners.</param>
    /// <returns>One probability a group.</returns>
    public static double[] Groups(IReadOnlyList<IReadOnlyList<double>> groups)
    {
        var right = groups.Select(group => group.Aggregate(1.0, (p, c) => p * c)).ToArray();
        var wrong = groups.Select(group => group.Aggregate(1.0, (p, c) => p * (1 - c))).ToArray();
        var none = wrong.Aggregate(1.0, (p, w) => p * w);
        var cases = Enumerable.Range(0, right.Length)
            .Select(i => Enumerable.Range(0, right.Length).Aggregate(1.0, (p, j) => p * (i == j ? right[j] : wrong[j])))
            .ToArray();
        var all = none + cases.Sum();
        return [.. cases.Select(c => all > 0 ? c / all : 0)];
    }
}
