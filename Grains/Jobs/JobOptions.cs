using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Jobs;

/// <summary>Limits and defaults of jobs and shards; configuration section <c>Jobs</c>.</summary>
public sealed class JobOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Jobs";

    /// <summary>The most inputs listed in a submission; more go into an index blob.</summary>
    [Range(1, 100_000)]
    public int InputsMax { get; set; } = 10_000;

    /// <summary>The most inputs of a job given by an index blob.</summary>
    [Range(1, 100_000_000)]
    public int IndexedInputsMax { get; set; } = 1_000_000;

    /// <summary>The most bytes of an index blob.</summary>
    [Range(1024, 1L << 32)]
    public long IndexBytesMax { get; set; } = 256L << 20;

    /// <summary>The most bytes of one input sent inside a submission.</summary>
    [Range(0, 1 << 20)]
    public int InlineInputBytesMax { get; set; } = 64 << 10;

    /// <summary>The most inputs in one shard.</summary>
    [Range(1, 256)]
    public int ShardInputsMax { get; set; } = 64;

    /// <summary>The work that a shard aims at when the model's time per input is known.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ShardWork { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Shards of one job that are open at once.</summary>
    [Range(1, 100_000)]
    public int OpenShardsMax { get; set; } = 1_000;

    /// <summary>Replicas issued for one shard before it is given up.</summary>
    [Range(2, 64)]
    public int ReplicasPerShardMax { get; set; } = 12;

    /// <summary>Results compared for one shard before it is given up as undecidable.</summary>
    [Range(2, 16)]
    public int ResultsPerShardMax { get; set; } = 9;

    /// <summary>How often a job's open shards are opened again and its progress is written, in case a message or a shard's grain was lost.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Checkpoint { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a shard waits after a node's connection is lost before it asks for another replica.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DisconnectGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Hedges issued for one shard at most: replicas against the slowness of others.</summary>
    [Range(0, 16)]
    public int HedgesPerShardMax { get; set; } = 2;

    /// <summary>The share of a job's shards that are left when its tail begins and slow replicas are hedged earlier; 0 for never.</summary>
    [Range(0.0, 0.5)]
    public double TailShare { get; set; } = 0.05;

    /// <summary>The fewest shards of a job that has a tail.</summary>
    [Range(1, 1_000_000)]
    public int TailShardsMin { get; set; } = 20;

    /// <summary>How long a job is kept after its end, with its results and receipts; zero for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often jobs that were kept long enough are deleted.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "30.00:00:00")]
    public TimeSpan RetentionPeriod { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often a shard asks the dispatcher again for what it still waits for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan AskAgain { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a shard waits for an operator node to take up what volunteers do not agree on, before more volunteers are asked instead. Critical jobs wait for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan AuditPatience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The first so many shards of a job whose submission is traced belong to its trace: all of a large job would be too many for those who look at it.</summary>
    [Range(0, 100_000)]
    public int TracedShardsMax { get; set; } = 32;

    /// <summary>The largest output that is compared, in bytes.</summary>
    [Range(1024, 1 << 30)]
    public int OutputBytesMax { get; set; } = 32 << 20;

    /// <summary>The largest output kept in a shard's state; larger ones are kept as blobs.</summary>
    [Range(0, 1 << 20)]
    public int InlineOutputBytesMax { get; set; } = 64 << 10;
}
