namespace PiGrid.Verification;

/// <summary>What makes labels and detections malformed.</summary>
internal static class ScoreChecks
{
    private const double ScoreRounding = 1e-6;

    /// <summary>Labels: finite scores, best first, no class twice.</summary>
    public static void CheckLabels(Reasons reasons, IReadOnlyList<LabelScore> labels)
    {
        if (labels.Count > OutputLimits.LabelsMax)
        {
            reasons.Add($"it has {labels.Count} labels; at most {OutputLimits.LabelsMax} are allowed.");
            return;
        }

        if (labels.Any(label => label is null || label.Class < 0 || !IsName(label.Label) || !double.IsFinite(label.Score)))
        {
            reasons.Add("a label is missing, or has a negative class, an overlong name, or a score that is no finite number.");
            return;
        }

        if (labels.DistinctBy(label => label.Class).Count() != labels.Count)
        {
            reasons.Add("a class is listed twice.");
        }

        CheckOrder(reasons, labels.Select(label => label.Score));
    }

    /// <summary>Detections: scores from 0 to 1, best first, boxes with their corners in order, no object twice.</summary>
    public static void CheckDetections(Reasons reasons, IReadOnlyList<Detection> detections, double? threshold)
    {
        if (detections.Count > OutputLimits.DetectionsMax)
        {
            reasons.Add($"it has {detections.Count} detections; at most {OutputLimits.DetectionsMax} are allowed.");
            return;
        }

        if (detections.Any(detection => detection is null || detection.Class < 0 || !IsName(detection.Label)))
        {
            reasons.Add("a detection is missing, or has a negative class or an overlong name.");
            return;
        }

        if (!detections.All(detection => detection.Score is >= 0 and <= 1))
        {
            reasons.Add("a score is not a number from 0 to 1.");
        }

        // Scores are rounded after they were held against the threshold.
        if (threshold is { } least && detections.Any(detection => detection.Score < least - ScoreRounding))
        {
            reasons.Add($"a score is below {least}, the threshold under which the decoder reports nothing.");
        }

        if (!detections.All(detection => IsBox(detection.Box)))
        {
            reasons.Add($"a box has crossed corners or a corner that is no number within {OutputLimits.CoordinateMax} pixels.");
        }

        if (detections.DistinctBy(detection => (detection.Class, detection.Box)).Count() != detections.Count)
        {
            reasons.Add("an object is reported twice: same class, same box.");
        }

        CheckOrder(reasons, detections.Select(detection => detection.Score));
    }

    private static bool IsName(string name) => name is { Length: <= OutputLimits.NameMax };

    private static bool IsBox(Box box) =>
        box.X0 <= box.X1
        && box.Y0 <= box.Y1
        && box is { X0: >= -OutputLimits.CoordinateMax, Y0: >= -OutputLimits.CoordinateMax }
        && box is { X1: <= OutputLimits.CoordinateMax, Y1: <= OutputLimits.CoordinateMax };

    private static void CheckOrder(Reasons reasons, IEnumerable<double> scores)
    {
        var previous = double.PositiveInfinity;
        foreach (var score in scores)
        {
            if (score > previous)
            {
                reasons.Add("the scores are not in order, best first.");
                return;
            }

            previous = score;
        }
    }
}
