using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Nodes;

/// <summary>Limits and defaults of nodes and leases; configuration section <c>Nodes</c>.</summary>
public sealed class NodeOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Nodes";

    /// <summary>The time between a node's heartbeats.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Heartbeats that may be missed: before, a silent node's shards ask for another replica; then, or a little later, its session is closed.</summary>
    [Range(2, 100)]
    public int HeartbeatsMissedMax { get; set; } = 3;

    /// <summary>How surprising a node's silence must be for it to be suspected: minus the decimal logarithm of the probability of a later heartbeat.</summary>
    [Range(0.5, 16)]
    public double SuspectPhi { get; set; } = 3;

    /// <summary>How surprising a node's silence must be for it to count as lost.</summary>
    [Range(1, 100)]
    public double LostPhi { get; set; } = 8;

    /// <summary>
    /// How long a node may hold a lease, beside twice the time that the model allows one input; from a renewal on it may hold it that long again,
    /// unless its job ends sooner.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "1.00:00:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a lease may last with all its renewals: whatever progress its node claims, the shard is then given to another.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "7.00:00:00")]
    public TimeSpan LeaseTotalMax { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How long a lease's progress may stand still for it to be renewed; more than the slowest node takes for one input.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LeaseStallMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The time ahead for which the dispatcher asks how probable it is that a node stays.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan StayHorizon { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Models whose pace is remembered of a node.</summary>
    [Range(0, 1_000)]
    public int PacesKeptMax { get; set; } = 16;

    /// <summary>How long a node may take to accept a lease before it is taken back.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00")]
    public TimeSpan AcceptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after the latest deadline that a lease can be renewed to its blobs can still be read and its output uploaded.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan GrantGrace { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a node's proof that it has a model's exact bytes holds, before it is challenged again when it uses the model.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan ModelProofPeriod { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Models whose proof is remembered of a node; 0 for no challenges.</summary>
    [Range(0, 1_000)]
    public int ModelProofsMax { get; set; } = 64;

    /// <summary>The most replicas that a node holds at once, whatever it says.</summary>
    [Range(1, 1024)]
    public int SlotsMax { get; set; } = 64;

    /// <summary>The most online calls that wait on a node for one of its slots, whatever it says; 0 for none.</summary>
    [Range(0, 1024)]
    public int CallsAheadMax { get; set; } = 64;

    /// <summary>The most nodes of one owner.</summary>
    [Range(1, 1_000_000)]
    public int NodesPerOwnerMax { get; set; } = 1_000;

    /// <summary>Blobs of an assignment up to this size travel inside it, as long as all of them together stay under four times this.</summary>
    [Range(0, 128 << 10)]
    public int InlineBlobBytesMax { get; set; } = 32 << 10;

    /// <summary>The largest output inside a result message; larger ones are uploaded.</summary>
    [Range(1024, 512 << 10)]
    public int InlineOutputBytesMax { get; set; } = 256 << 10;

    /// <summary>
    /// The longest time after which a node sends a result without a verdict again, while it is connected: what a shard that was just starting could
    /// not take is not lost for longer. The first times are shorter, see docs/protocol.md.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ResultResendMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Verdicts kept for a node that is away.</summary>
    [Range(0, 100_000)]
    public int VerdictsKeptMax { get; set; } = 1_000;
}
