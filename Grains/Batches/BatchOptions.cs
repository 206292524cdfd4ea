using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Batches;

/// <summary>Limits of files and batches; configuration section <c>Batches</c>.</summary>
public sealed class BatchOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Batches";

    /// <summary>The most bytes of a file that is uploaded.</summary>
    [Range(1, 1L << 40)]
    public long FileBytesMax { get; set; } = 200L << 20;

    /// <summary>The most files of one key, those that its batches wrote included.</summary>
    [Range(1, 1_000_000)]
    public int FilesPerKeyMax { get; set; } = 10_000;

    /// <summary>How long a file stays that does not say so itself; zero for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan FileRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The most lines of a batch.</summary>
    [Range(1, 1_000_000)]
    public int LinesMax { get; set; } = 50_000;

    /// <summary>The most bytes of one line.</summary>
    [Range(256, 64 << 20)]
    public int LineBytesMax { get; set; } = 8 << 20;

    /// <summary>The most jobs of a batch: one for each model version and set of terms (policy, deadline, regions, privacy class, price limit), and more where these have many lines.</summary>
    [Range(1, 1_000)]
    public int JobsMax { get; set; } = 100;

    /// <summary>The most lines of one job.</summary>
    [Range(1, 1_000_000)]
    public int JobLinesMax { get; set; } = 10_000;

    /// <summary>The most batches of one key that have not ended.</summary>
    [Range(1, 100_000)]
    public int OpenPerKeyMax { get; set; } = 100;

    /// <summary>The longest completion window.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan WindowMax { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Batches whose files this silo reads or writes at once; more wait.</summary>
    [Range(1, 1_000)]
    public int WorkAtOnce { get; set; } = 4;

    /// <summary>How often a batch asks for what it may not have heard of: jobs that have ended, room for jobs that the grid had none for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Checkpoint { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a batch is known after its end; zero for ever. Its files and jobs have limits of their own.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often files and batches that were kept long enough are deleted.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "30.00:00:00")]
    public TimeSpan RetentionPeriod { get; set; } = TimeSpan.FromHours(1);
}
