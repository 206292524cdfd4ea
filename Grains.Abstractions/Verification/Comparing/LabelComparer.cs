namespace PiGrid.Verification;

/// <summary>
/// Labels are the same when the best k are the same classes with the same scores, in the same order except for ties, all within the score
/// tolerance. A different class among the best k is a contradiction only if it is there clearly: where it could be at place k + 1 as well, the
/// lists say nothing about each other. What is listed below place k decides nothing, but it has to be consistent.
/// </summary>
internal static class LabelComparer
{
    /// <summary>Compares the labels for one input.</summary>
    public static Agreement Compare(Comparator comparator, IReadOnlyList<LabelScore> a, IReadOnlyList<LabelScore> b)
    {
        if (a.Count != b.Count)
        {
            return Agreement.Disagree;
        }

        var byClassA = ByClass(a);
        var byClassB = ByClass(b);
        if (byClassA is null || byClassB is null)
        {
            return Agreement.Disagree;
        }

        var tolerance = comparator.ScoreTolerance;
        if (!IsConsistent(a, b, byClassB, tolerance) || !IsConsistent(b, a, byClassA, tolerance))
        {
            return Agreement.Disagree;
        }

        var k = Math.Min(comparator.TopK, a.Count);
        var entersA = MissingFrom(a, b, k);
        var entersB = MissingFrom(b, a, k);
        if (entersA.Count == 0)
        {
            return SameOrder(a, byClassB, k, tolerance) && SameOrder(b, byClassA, k, tolerance) ? Agreement.Agree : Agreement.Inconclusive;
        }

        return AreNearPlaceK(entersA, b, k, tolerance) && AreNearPlaceK(entersB, a, k, tolerance) ? Agreement.Inconclusive : Agreement.Disagree;
    }

    /// <summary>The labels by class; null when a class occurs twice.</summary>
    private static Dictionary<int, LabelScore>? ByClass(IReadOnlyList<LabelScore> labels)
    {
        var byClass = new Dictionary<int, LabelScore>(labels.Count);
        return labels.All(label => byClass.TryAdd(label.Class, label)) ? byClass : null;
    }

    /// <summary>Whether every listed class has the same name and score in the other list, or could be just below that list's end.</summary>
    private static bool IsConsistent(
        IReadOnlyList<LabelScore> labels, IReadOnlyList<LabelScore> others, Dictionary<int, LabelScore> otherByClass, double tolerance) =>
        labels.All(label => otherByClass.TryGetValue(label.Class, out var other)
            ? label.Label == other.Label && Math.Abs(label.Score - other.Score) <= tolerance
            : label.Score - others[^1].Score <= tolerance);

    /// <summary>The labels among the first list's best k whose class is not among the second's.</summary>
    private static List<LabelScore> MissingFrom(IReadOnlyList<LabelScore> labels, IReadOnlyList<LabelScore> others, int k)
    {
        var best = others.Take(k).Select(label => label.Class).ToHashSet();
        return labels.Take(k).Where(label => !best.Contains(label.Class)).ToList();
    }

    /// <summary>Whether two of the best k that the other list orders the other way round are a tie here.</summary>
    private static bool SameOrder(IReadOnlyList<LabelScore> labels, Dictionary<int, LabelScore> others, int k, double tolerance)
    {
        // Going down the list, the other list's scores may rise only between labels that are tied here. It is enough to look at the least
        // of the other scores so far together with the labels that are clearly better than the current one.
        var clearlyBetter = 0;
        var least = double.PositiveInfinity;
        for (var i = 0; i < k; i++)
        {
            for (; labels[clearlyBetter].Score - labels[i].Score > tolerance; clearlyBetter++)
            {
                least = Math.Min(least, others[labels[clearlyBetter].Class].Score);
            }

            if (others[labels[i].Class].Score > least)
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreNearPlaceK(List<LabelScore> labels, IReadOnlyList<LabelScore> others, int k, double tolerance) =>
        labels.All(label => label.Score - others[k - 1].Score <= tolerance);
}
