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

    /// <summary>
    /// How long a blob stays that no job, model or other record names, counted from when it was last put or found. It must exceed the time that a
    /// shard can wait between its first result and its end.
    /// </summary>
    [Range(typeof(TimeSpan), "00:10:00", "365.00:00:00")]
    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often blobs that nothing names are looked for; zero: never.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan CollectPeriod { get; set; } = TimeSpan.FromHours(6);

    /// <summary>The age from which a blob that is put or found again gets a new time: not each time, because that costs a write.</summary>
    internal TimeSpan RenewAge => GracePeriod / 2;
}
