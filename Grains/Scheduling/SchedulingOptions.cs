using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Scheduling;

/// <summary>Limits and preferences of the dispatcher; configuration section <c>Scheduling</c>.</summary>
public sealed class SchedulingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Scheduling";

    /// <summary>The most replicas that wait or are being given at once; what is asked beyond is refused with the reason, and its shard asks again later.</summary>
    [Range(1, 10_000_000)]
    public int WaitingMax { get; set; } = 500_000;

    /// <summary>The most nodes that are known at once; further ones are passed over.</summary>
    [Range(1, 10_000_000)]
    public int NodesMax { get; set; } = 1_000_000;

    /// <summary>The most slots that are believed of one node.</summary>
    [Range(1, 1024)]
    public int SlotsPerNodeMax { get; set; } = 64;

    /// <summary>The most cached models that are remembered of one node.</summary>
    [Range(0, 10_000)]
    public int CachedModelsMax { get; set; } = 256;

    /// <summary>Sets of requirements kept ready without anybody waiting for them.</summary>
    [Range(1, 10_000)]
    public int LanesMax { get; set; } = 128;

    /// <summary>Whether operator nodes also run volunteers' work when no volunteer's node is better.</summary>
    public bool OperatorNodesRunJobs { get; set; }

    /// <summary>How long a shard may take to hear that one of its replicas was placed; what it asks until then avoids that replica's owner all the same.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan PlacementHeard { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits without being asked again before it counts as forgotten by its shard.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan RequestLifetime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often shards are told why they wait, and what is over is forgotten.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan ExplainPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a replica waits before its shard is told why.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ExplainAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Waiting shards looked at in one period; the others have their turn in the next ones.</summary>
    [Range(1, 1_000_000)]
    public int ExplainedPerPeriodMax { get; set; } = 2_000;

    /// <summary>
    /// Extra replicas against slowness, as a share of the ordinary ones; 0 for none. Beside them are those in the tails of jobs (Jobs:TailShare),
    /// which nodes with nothing else to do may have.
    /// </summary>
    [Range(0.0, 1.0)]
    public double HedgeShare { get; set; } = 0.04;

    /// <summary>Hedges that can be saved up, and with which a dispatcher starts.</summary>
    [Range(0, 10_000)]
    public int HedgeSavingsMax { get; set; } = 10;

    /// <summary>Waiting hedges that are tried, oldest first, when the budget has grown.</summary>
    [Range(1, 10_000)]
    public int HedgesTriedMax { get; set; } = 32;

    /// <summary>Replicas of a kind that must have ended before its pace counts as known.</summary>
    [Range(2, 1_000)]
    public int PaceSamplesMin { get; set; } = 20;

    /// <summary>How long a replica is taken to run while the pace of its kind is not known, when requesters' turns are counted.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan PaceAssumed { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Kinds of replicas whose pace is remembered.</summary>
    [Range(1, 100_000)]
    public int PacesKeptMax { get; set; } = 2_000;

    /// <summary>How long after a refusal a node that has not offered anew is asked what it can take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan OfferAgainAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Nodes that are asked at once to offer again when the dispatcher starts.</summary>
    [Range(1, 10_000)]
    public int OfferAgainBatch { get; set; } = 100;
}
