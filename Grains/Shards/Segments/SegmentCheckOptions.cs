using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Shards.Segments;

/// <summary>Which models' runs are checked in parts, and how large a part; configuration section <c>Segments</c>.</summary>
public sealed record SegmentCheckOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Segments";

    /// <summary>Whether large models are cut into segments, and spot checks of them look at some segments only.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The least size of an ONNX file that is cut, in bytes; smaller models cost less to run again than to check in parts.</summary>
    [Range(1, 1L << 40)]
    public long ModelBytesMin { get; set; } = 64L << 20;

    /// <summary>How many segments a model is cut into, about. Takes effect when a model is validated.</summary>
    [Range(2, 64)]
    public int Count { get; set; } = 8;

    /// <summary>The most bytes of tensors that one segment reads and makes; a model that cannot be cut so is not cut. Takes effect when a model is validated.</summary>
    [Range(1024, 256 << 20)]
    public int OpeningBytesMax { get; set; } = 8 << 20;

    /// <summary>How many inputs of a shard a check looks at.</summary>
    [Range(1, 256)]
    public int InputsPerCheck { get; set; } = 4;

    /// <summary>How many segments of each of these inputs' runs it looks at.</summary>
    [Range(1, 64)]
    public int SegmentsPerCheck { get; set; } = 2;

    /// <summary>How long a node may take to open segments, and an operator node to audit them, each from being asked; after that the shard is run again as a whole.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
