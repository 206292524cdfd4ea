namespace PiGrid.Verification;

/// <summary>The sizes beyond which an output is no honest pipeline's; they bound the work of comparing. All are what manifests allow at most.</summary>
public static class OutputLimits
{
    /// <summary>Labels of one input.</summary>
    public const int LabelsMax = 1_000;

    /// <summary>Detections of one input.</summary>
    public const int DetectionsMax = 1_000;

    /// <summary>Generated tokens of one input.</summary>
    public const int TokensMax = 100_000;

    /// <summary>Characters of the generated text of one input.</summary>
    public const int TextMax = 2_000_000;

    /// <summary>Tensors of one input.</summary>
    public const int TensorsMax = 64;

    /// <summary>Dimensions of a tensor.</summary>
    public const int RankMax = 16;

    /// <summary>Characters of a label, of a tensor's name and of an error's message.</summary>
    public const int NameMax = 2_000;

    /// <summary>Coordinates of a box, in pixels either way of the picture's corner.</summary>
    public const double CoordinateMax = 1e6;

    /// <summary>Reasons that are listed; further ones are only counted as more.</summary>
    public const int ReasonsMax = 8;
}
