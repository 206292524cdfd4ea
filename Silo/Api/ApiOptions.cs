using System.ComponentModel.DataAnnotations;

namespace PiGrid.Silo.Api;

/// <summary>Limits of the developers' front door; configuration section <c>Api</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Api";

    /// <summary>The longest time that an answer is held back (<c>wait_ms</c>).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest page of a list.</summary>
    [Range(1, 10_000)]
    public int PageMax { get; set; } = 1_000;

    /// <summary>Results that an answer to a submission may include; more are read from their own route.</summary>
    [Range(0, 100_000)]
    public int IncludedResultsMax { get; set; } = 1_000;

    /// <summary>The time after which a stream of events without any sends a comment, so that proxies keep it open.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a wait for a model looks again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ModelPoll { get; set; } = TimeSpan.FromMilliseconds(100);
}
