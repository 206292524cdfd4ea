using System.ComponentModel.DataAnnotations;

namespace PiGrid.Silo.Hosting;

/// <summary>Limits of every HTTP connection; configuration section <c>Http</c>. They hold before a caller has shown any key.</summary>
public sealed class HttpOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Http";

    /// <summary>Connections at once, WebSockets apart.</summary>
    [Range(1, 1_000_000)]
    public long ConnectionsMax { get; set; } = 20_000;

    /// <summary>The time within which a request's headers must be here.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a connection without a request is kept.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The slowest body that is accepted, in bytes a second: slower senders hold connections on purpose.</summary>
    [Range(1, 1 << 20)]
    public int BytesPerSecondMin { get; set; } = 500;

    /// <summary>How long a body may stay below that.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00")]
    public TimeSpan SlowGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest JSON body, in bytes; blobs have a limit of their own.</summary>
    [Range(1024, 256 << 20)]
    public int JsonBytesMax { get; set; } = 32 << 20;
}
