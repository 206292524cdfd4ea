namespace PiGrid.Verification;

/// <summary>
/// Detections are the same when every object that one output reports has its own counterpart in the other: same class, boxes that overlap
/// enough, scores within tolerance. An object without a counterpart is a contradiction, unless its score is so close to the decoder's
/// threshold that the other node could rightly have left it out.
/// <para>
/// Counterparts are found by a maximum matching and not greedily: greed depends on the order, so that it would not be symmetric, and can miss
/// a pairing that exists. Whether all clear objects of both sides can be paired at once needs no third matching: two matchings that cover
/// the clear objects of one side each imply one that covers both (Mendelsohn and Dulmage 1958).
/// </para>
/// </summary>
internal static class DetectionComparer
{
    /// <summary>Compares the detections for one input.</summary>
    public static Agreement Compare(Comparator comparator, IReadOnlyList<Detection> a, IReadOnlyList<Detection> b)
    {
        var pairs = Pairs(comparator, a, b, _ => true);
        if (a.Count == b.Count && BipartiteMatching.Size(pairs, b.Count) == a.Count)
        {
            return Agreement.Agree;
        }

        return CoversClear(comparator, a, b) && CoversClear(comparator, b, a) ? Agreement.Inconclusive : Agreement.Disagree;
    }

    private static bool CoversClear(Comparator comparator, IReadOnlyList<Detection> a, IReadOnlyList<Detection> b)
    {
        var pairs = Pairs(comparator, a, b, detection => IsClear(comparator, detection));
        return BipartiteMatching.Size(pairs, b.Count) == pairs.Count;
    }

    /// <summary>Whether every honest node reports it.</summary>
    private static bool IsClear(Comparator comparator, Detection detection) =>
        comparator.DecisionThreshold is not { } threshold || !(Math.Abs(detection.Score - threshold) <= comparator.ScoreTolerance);

    /// <summary>For each chosen detection of the first output, the indexes of its possible counterparts in the second.</summary>
    private static List<int[]> Pairs(
        Comparator comparator, IReadOnlyList<Detection> a, IReadOnlyList<Detection> b, Func<Detection, bool> chosen)
    {
        var byClass = Enumerable.Range(0, b.Count).ToLookup(index => b[index].Class);
        return a.Where(chosen)
            .Select(detection => byClass[detection.Class].Where(index => AreSame(comparator, detection, b[index])).ToArray())
            .ToList();
    }

    private static bool AreSame(Comparator comparator, Detection a, Detection b) =>
        a.Class == b.Class
        && a.Label == b.Label
        && Math.Abs(a.Score - b.Score) <= comparator.ScoreTolerance
        && (a.Box == b.Box || a.Box.IntersectionOverUnion(b.Box) >= comparator.Iou);
}
