using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Storage;

/// <summary>How the grid's database is kept; configuration section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Storage";

    /// <summary>What a completed write survives.</summary>
    public StorageSynchronous Synchronous { get; set; } = StorageSynchronous.Full;

    /// <summary>Whether the database's structure is checked when it is opened.</summary>
    public bool CheckAtStart { get; set; } = true;

    /// <summary>
    /// The largest database that is checked whole at the start, which reads all of it. Of a larger one the start checks the header and the schema only;
    /// every backup reads every row and blob, whatever the size.
    /// </summary>
    [Range(0, 1L << 44)]
    public long CheckBytesMax { get; set; } = 1L << 30;

    /// <summary>Writes that may wait for the writer; more wait for room.</summary>
    [Range(1, 1_000_000)]
    public int WritesWaitingMax { get; set; } = 10_000;

    /// <summary>The most writes in one commit.</summary>
    [Range(1, 10_000)]
    public int WriteGroupMax { get; set; } = 512;

    /// <summary>How often a data folder that could not be written is tried again (SQLite).</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ProbePeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Connections that read at once.</summary>
    [Range(1, 256)]
    public int ReadersMax { get; set; } = 8;
}

/// <summary>What a completed write survives.</summary>
public enum StorageSynchronous
{
    /// <summary>A power failure: the disk is flushed before a write completes.</summary>
    Full,

    /// <summary>The death of the process, but not always a power failure.</summary>
    Normal,
}
