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

    /// <summary>Requests a second, on average, of a key that has no limit of its own, and of an address without a key.</summary>
    [Range(0.001, 100_000.0)]
    public double RequestsPerSecond { get; set; } = 2_000;

    /// <summary>Requests open at once of a key that has no limit of its own, and of an address without a key. Streams and waits count for as long as they last.</summary>
    [Range(1, 100_000)]
    public int ConcurrentRequests { get; set; } = 500;

    /// <summary>What requests without a key may do, as scopes with commas between them, such as <c>infer</c>: nothing by default, not even read.</summary>
    [KeyScopes]
    public string Anonymous { get; set; } = "";

    /// <summary>How often a wait for a model looks again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ModelPoll { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The largest infer request, in bytes, JSON and binary data together.</summary>
    [Range(1024, 1 << 30)]
    public int InferenceBytesMax { get; set; } = 32 << 20;

    /// <summary>Infer requests that are under way at once.</summary>
    [Range(1, 1_000_000)]
    public int InferenceCallsMax { get; set; } = 1_024;

    /// <summary>The bytes that the bodies of infer requests under way have at most, together.</summary>
    [Range(1 << 20, 1L << 40)]
    public long InferenceMemoryMax { get; set; } = 1L << 30;

    /// <summary>How long an infer request that states no timeout may take; never longer than <c>Online:TimeoutMax</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan InferenceTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long it is remembered which model versions there are and that one is ready.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CatalogAge { get; set; } = TimeSpan.FromSeconds(1);
}
