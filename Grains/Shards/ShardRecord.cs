using Orleans;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>What is durable of a shard: its end.</summary>
[GenerateSerializer, Alias("PiGrid.ShardRecord")]
internal sealed record ShardRecord
{
    /// <summary>The job's description of the shard; null while nothing is durable.</summary>
    [Id(0)]
    public ShardSpec? Spec { get; init; }

    /// <summary>How it ended.</summary>
    [Id(1)]
    public ShardOutcome? Outcome { get; init; }

    /// <summary>The receipt, when it has a result.</summary>
    [Id(2)]
    public Receipt? Receipt { get; init; }

    /// <summary>The canonical output's bytes, when they are few.</summary>
    [Id(3)]
    public byte[]? Output { get; init; }

    /// <summary>The canonical output as a blob, when it is large.</summary>
    [Id(4)]
    public BlobRef? OutputBlob { get; init; }
}
