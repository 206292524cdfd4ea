using PiGrid.Verification;

namespace PiGrid.Models;

/// <summary>Which comparators a manifest may choose.</summary>
internal static class ComparatorRules
{
    public static void Check(ModelManifest manifest, FieldErrors errors)
    {
        var comparator = manifest.Comparator;
        errors.Known(comparator.Kind, "comparator.kind");
        errors.Range(comparator.Absolute, 0, float.MaxValue, "comparator.absolute");
        errors.Range(comparator.Relative, 0, float.MaxValue, "comparator.relative");
        errors.Range(comparator.ScoreTolerance, 0, 1, "comparator.score_tolerance");
        errors.Range(comparator.Iou, 0, 1, "comparator.iou");
        errors.Absent(comparator.DecisionThreshold, "comparator.decision_threshold", "the grid takes it from postprocess.detections.score_threshold: remove it");
        errors.Range(comparator.TopK, 1, 1000, "comparator.top_k");
        if (comparator.Iou == 0)
        {
            errors.Add("comparator.iou", "out_of_range", "0 would match any two boxes: give more than 0, up to 1");
        }

        var needed = manifest.Postprocess.Kind switch
        {
            OutputKind.Tensors => ComparatorKind.Tensors,
            OutputKind.Labels => ComparatorKind.Labels,
            OutputKind.Detections => ComparatorKind.Detections,
            OutputKind.Text => ComparatorKind.Text,
            _ => comparator.Kind,
        };
        if (comparator.Kind != ComparatorKind.Exact && comparator.Kind != needed)
        {
            errors.Add(
                "comparator.kind", "wrong_kind",
                $"{Name(comparator.Kind)} cannot compare {Name(manifest.Postprocess.Kind)}: set '{Name(needed)}', or 'exact'");
        }

        if (comparator.Kind == ComparatorKind.Labels && manifest.Postprocess.TopK >= 1 && comparator.TopK > manifest.Postprocess.TopK)
        {
            errors.Add(
                "comparator.top_k", "out_of_range",
                $"{comparator.TopK} labels cannot be compared where postprocess.top_k keeps {manifest.Postprocess.TopK}");
        }
    }

    private static string Name<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
