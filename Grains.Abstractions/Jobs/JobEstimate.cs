namespace PiGrid;

/// <summary>A job that somebody thinks of submitting.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobQuestion")]
public sealed record JobQuestion
{
    /// <summary>The model version or pipeline.</summary>
    [Id(0)]
    public required ModelRef Model { get; init; }

    /// <summary>How many inputs; 1 or more.</summary>
    [Id(1)]
    public required int Inputs { get; init; }

    /// <summary>How results are to be checked; <c>adaptive</c> when absent.</summary>
    [Id(2)]
    public VerificationPolicy? Policy { get; init; }

    /// <summary>Inputs in one shard; chosen by the grid when absent.</summary>
    [Id(3)]
    public int? ShardSize { get; init; }

    /// <summary>Which nodes may have it; any when absent.</summary>
    [Id(4)]
    public PlacementTerms? Placement { get; init; }
}

/// <summary>What a job would come to, by what the grid knows now. Churn and hedges come on top.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobEstimate")]
public sealed record JobEstimate
{
    /// <summary>Why it would be refused; empty when it would not.</summary>
    [Id(0)]
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>The policy that would hold.</summary>
    [Id(1)]
    public VerificationPolicy Policy { get; init; }

    /// <summary>Shards.</summary>
    [Id(2)]
    public int Shards { get; init; }

    /// <summary>Volunteers' replicas for one shard, on average.</summary>
    [Id(3)]
    public double ReplicasPerShard { get; init; }

    /// <summary>Operator nodes' replicas for one shard, on average.</summary>
    [Id(4)]
    public double AuditsPerShard { get; init; }

    /// <summary>Replicas for one shard, all in all: what a result costs, where an unchecked one costs 1.</summary>
    public double CostPerShard => ReplicasPerShard + AuditsPerShard;

    /// <summary>The share of wrong results, at most, that the policy aims at or that the grid's knowledge supports; null where nothing can be said.</summary>
    [Id(5)]
    public double? ExpectedWrong { get; init; }

    /// <summary>How soon it could be over at best; null when no node is connected that fits, or nothing is known of the model's pace.</summary>
    [Id(6)]
    public TimeSpan? Shortest { get; init; }

    /// <summary>Whether an operator node is connected that could check the work.</summary>
    [Id(7)]
    public bool HasOperator { get; init; }
}
