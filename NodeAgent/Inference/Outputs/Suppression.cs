using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>A box that a detector proposes, in the tensor's pixels.</summary>
/// <param name="Class">The class index.</param>
/// <param name="Index">Its row in the detector's output; makes the order total.</param>
/// <param name="Score">How sure the detector is.</param>
/// <param name="Box">Where.</param>
internal readonly record struct Candidate(int Class, int Index, double Score, Box Box);

/// <summary>
/// Greedy non-maximum suppression per class (Felzenszwalb et al. 2010): the best box stays, boxes of its class that overlap it more than
/// the threshold go, and so on. The order is total (score, then class, then row), so that equal scores never make nodes differ.
/// </summary>
internal static class Suppression
{
    /// <summary>Only the best of more candidates are looked at: a model that proposes everything everywhere must not take minutes.</summary>
    public const int CandidatesMax = 20_000;

    /// <summary>What stays, best first.</summary>
    /// <param name="candidates">All proposals; sorted in place.</param>
    /// <param name="iouMax">The largest intersection over union of two boxes of a class that both stay.</param>
    /// <param name="keptMax">The most that stay.</param>
    public static List<Candidate> Keep(List<Candidate> candidates, double iouMax, int keptMax)
    {
        candidates.Sort(static (a, b) =>
            a.Score != b.Score ? b.Score.CompareTo(a.Score)
            : a.Class != b.Class ? a.Class.CompareTo(b.Class)
            : a.Index.CompareTo(b.Index));
        List<Candidate> kept = [];
        for (var i = 0; i < Math.Min(candidates.Count, CandidatesMax) && kept.Count < keptMax; i++)
        {
            if (!Overlaps(candidates[i], kept, iouMax))
            {
                kept.Add(candidates[i]);
            }
        }

        return kept;
    }

    private static bool Overlaps(Candidate candidate, List<Candidate> kept, double iouMax)
    {
        foreach (var other in kept)
        {
            if (other.Class == candidate.Class && other.Box.IntersectionOverUnion(candidate.Box) > iouMax)
            {
                return true;
            }
        }

        return false;
    }
}
