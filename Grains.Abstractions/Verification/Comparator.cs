using PiGrid.Models;

namespace PiGrid.Verification;

/// <summary>
/// The equality rule for a model's outputs, chosen by its publisher. Digests that are equal always agree; what differs by more than a tolerance and
/// at most twice as much is inconclusive. docs/verification.md says what the defaults were measured against.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.Comparator")]
public sealed record Comparator
{
    /// <summary>What is compared.</summary>
    [Id(0)]
    public required ComparatorKind Kind { get; init; }

    /// <summary>
    /// Tensors: floating-point elements a and b agree when |a - b| &lt;= absolute + relative * min(|a|, |b|), whole numbers when
    /// |a - b| &lt;= absolute. 0 or more.
    /// </summary>
    [Id(1)]
    public double Absolute { get; init; } = 1e-3;

    /// <summary>Tensors: see <see cref="Absolute"/>. 0 or more.</summary>
    [Id(2)]
    public double Relative { get; init; } = 1e-3;

    /// <summary>Labels and detections: the largest difference of two scores that agree. 0 to 1.</summary>
    [Id(3)]
    public double ScoreTolerance { get; init; } = 0.005;

    /// <summary>Detections: the least intersection over union of two boxes that match. Over 0, up to 1.</summary>
    [Id(4)]
    public double Iou { get; init; } = 0.98;

    /// <summary>Labels: how many of the best labels must be the same, ties within the score tolerance in any order. 1 or more.</summary>
    [Id(5)]
    public int TopK { get; init; } = 1;

    /// <summary>Detections: the score below which nothing is reported; what lies within the tolerance of it is inconclusive. The grid takes it from the manifest's decoder.</summary>
    [Id(6)]
    public double? DecisionThreshold { get; init; }

    /// <summary>A model's comparator, with the threshold that detections are reported from, near which a missing one proves nothing.</summary>
    public static Comparator Of(ModelManifest manifest) => manifest.Comparator with { DecisionThreshold = manifest.Postprocess.Detections?.ScoreThreshold };
}

/// <summary>What a comparator compares.</summary>
[GenerateSerializer, Alias("PiGrid.ComparatorKind")]
public enum ComparatorKind
{
    /// <summary>Only equal digests agree; replicas then stay within one hardware class.</summary>
    Exact,

    /// <summary>Tensors element by element within an absolute and a relative tolerance.</summary>
    Tensors,

    /// <summary>The best k labels.</summary>
    Labels,

    /// <summary>Detections matched by class and intersection over union.</summary>
    Detections,

    /// <summary>Generated tokens.</summary>
    Text,
}

/// <summary>What comparing two results says.</summary>
[GenerateSerializer, Alias("PiGrid.Agreement")]
public enum Agreement
{
    /// <summary>The same decisions.</summary>
    Agree,

    /// <summary>Different decisions.</summary>
    Disagree,

    /// <summary>They differ only in what lies within tolerance of a decision's threshold: neither confirms nor contradicts the other.</summary>
    Inconclusive,
}
