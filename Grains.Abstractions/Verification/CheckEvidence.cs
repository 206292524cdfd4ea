namespace PiGrid.Verification;

/// <summary>What a check said about one result of a node.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.CheckEvidence")]
public sealed record CheckEvidence
{
    /// <summary>The lease under which the result was computed; evidence about a lease counts once.</summary>
    [Id(0)]
    public required LeaseId Lease { get; init; }

    /// <summary>The shard.</summary>
    [Id(1)]
    public required ShardId Shard { get; init; }

    /// <summary>The model version; reputation is kept by its family, which is its name without the version.</summary>
    [Id(2)]
    public required ModelRef Model { get; init; }

    /// <summary>Whether the result was wrong: an operator node contradicted it. Otherwise the check confirmed it.</summary>
    [Id(3)]
    public required bool Wrong { get; init; }

    /// <summary>What was seen, for people.</summary>
    [Id(4)]
    public string? Detail { get; init; }
}

/// <summary>Who returned a result, as its node's grain knows it at that moment.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ReplicaSender")]
public sealed record ReplicaSender
{
    /// <summary>Who answers for the node.</summary>
    [Id(0)]
    public required OwnerId Owner { get; init; }

    /// <summary>Whether it is an operator node, whose word decides.</summary>
    [Id(1)]
    public bool Operator { get; init; }

    /// <summary>The lowest tier of the node, its owner, and the node with the model's family.</summary>
    [Id(2)]
    public ReputationTier Tier { get; init; }

    /// <summary>Checks that the node has passed, decayed; not negative.</summary>
    [Id(3)]
    public int Passed { get; init; }

    /// <summary>The node's region, as it declares it.</summary>
    [Id(4)]
    public string Region { get; init; } = "unknown";
}
