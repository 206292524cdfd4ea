using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Online;

/// <summary>Limits of online calls; configuration section <c>Online</c>.</summary>
public sealed class OnlineOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Online";

    /// <summary>The longest time that a caller may wait for an answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan TimeoutMax { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an answer and its receipt are kept in memory, for those who call again with the same idempotency key or ask for the receipt.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan KeepAnswers { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The largest input that travels inside the assignment; larger ones are stored as blobs first, which costs a write to the disk.</summary>
    [Range(0, 620 << 10)]
    public int InlineInputBytesMax { get; set; } = 620 << 10;

    /// <summary>How old what is known of the model, the connected nodes and the grid's trust may be when a call is begun.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan KnowledgeAge { get; set; } = TimeSpan.FromSeconds(2);
}
