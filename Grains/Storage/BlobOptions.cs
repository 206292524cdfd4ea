using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Storage;

/// <summary>Limits of the blob store; configuration section <c>Blobs</c>.</summary>
public sealed class BlobOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Blobs";

    /// <summary>The most bytes of one blob.</summary>
    [Range(1024, 1L << 40)]
    public long BytesMax { get; set; } = 4L << 30;

    /// <summary>Blobs up to this size are kept in the database, where many share one flush of the disk; larger ones are files.</summary>
    [Range(0, 1 << 20)]
    public int SmallBytesMax { get; set; } = 64 << 10;

    /// <summary>Blobs that are written at once; more wait.</summary>
    [Range(1, 1024)]
    public int WritesMax { get; set; } = 32;
}
