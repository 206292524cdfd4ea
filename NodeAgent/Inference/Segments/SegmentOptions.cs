namespace PiGrid.Inference.Segments;

/// <summary>When and how models are cut into segments.</summary>
public sealed record SegmentOptions
{
    /// <summary>The least size of an ONNX file whose runs are committed to; smaller models cost less to run than to check. 0 or more.</summary>
    public long ModelBytesMin { get; init; } = 64L << 20;

    /// <summary>How many segments to aim at, 2 to 64.</summary>
    public int Segments { get; init; } = 8;

    /// <summary>The most bytes of tensors that an audit of one segment may move; a plan that needs more is not made. 1 or more.</summary>
    public long OpeningBytesMax { get; init; } = 64L << 20;

    /// <summary>What is wrong with the options; empty when nothing is.</summary>
    public IEnumerable<string> Validate()
    {
        if (ModelBytesMin < 0)
        {
            yield return $"Segments:ModelBytesMin is {ModelBytesMin}; give 0 or more.";
        }

        if (Segments is < 2 or > 64)
        {
            yield return $"Segments:Segments is {Segments}; give 2 to 64.";
        }

        if (OpeningBytesMax < 1)
        {
            yield return $"Segments:OpeningBytesMax is {OpeningBytesMax}; give 1 or more.";
        }
    }
}
