namespace PiGrid;

/// <summary>What a job knows of a stretch of its shards without asking them.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobShards")]
public sealed record JobShards
{
    /// <summary>How many shards the job has.</summary>
    [Id(0)]
    public required int Shards { get; init; }

    /// <summary>Inputs in a shard; the last may have fewer.</summary>
    [Id(1)]
    public required int ShardSize { get; init; }

    /// <summary>Whether the job runs.</summary>
    [Id(2)]
    public required bool Running { get; init; }

    /// <summary>The shards of the stretch that were opened, by index; the others wait, or were never run.</summary>
    [Id(3)]
    public required IReadOnlyList<int> Reached { get; init; }
}
