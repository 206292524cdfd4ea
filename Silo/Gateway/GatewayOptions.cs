using System.ComponentModel.DataAnnotations;

namespace PiGrid.Silo.Gateway;

/// <summary>Limits of the nodes' front door; configuration section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Gateway";

    /// <summary>Sessions at once, proven or not.</summary>
    [Range(1, 1_000_000)]
    public int SessionsMax { get; set; } = 50_000;

    /// <summary>Connections at once that have not proven a key yet.</summary>
    [Range(1, 100_000)]
    public int HandshakesMax { get; set; } = 1_000;

    /// <summary>The time within which a connection must prove its key.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages that may wait for one node; a node that reads too slowly is disconnected.</summary>
    [Range(8, 100_000)]
    public int SendQueueMax { get; set; } = 512;

    /// <summary>Bytes that may wait for one node.</summary>
    [Range(2 << 20, 1 << 30)]
    public int SendQueueBytesMax { get; set; } = 16 << 20;

    /// <summary>The longest time for sending one message.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Messages of one session that may be malformed, unknown or out of place; the next one ends it.</summary>
    [Range(0, 1_000)]
    public int BadMessagesMax { get; set; } = 3;

    /// <summary>The time that a closing socket has to finish.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan CloseGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Leases that a node may report when it connects.</summary>
    [Range(1, 100_000)]
    public int LeasesReportedMax { get; set; } = 2_048;

    /// <summary>Different outputs that a node may upload under one lease: one, and a few for runs that had to start again.</summary>
    [Range(1, 100)]
    public int UploadsPerLeaseMax { get; set; } = 3;

    /// <summary>The most that a node may ask for an hour of one slot, in micro-credits; one that asks more is not let in.</summary>
    [Range(typeof(long), "0", "1000000000000")]
    public long PriceMax { get; set; } = 1_000_000_000;
}
