using PiGrid.Verification;

namespace PiGrid;

/// <summary>How far a node is believed. Only checked results count, and all counts halve every <c>Trust:HalfLife</c>.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeReputation")]
public sealed record NodeReputation
{
    /// <summary>The tier.</summary>
    [Id(0)]
    public required ReputationTier Tier { get; init; }

    /// <summary>When a suspension ends; null outside one.</summary>
    [Id(1)]
    public DateTimeOffset? Until { get; init; }

    /// <summary>Checks that its results passed.</summary>
    [Id(2)]
    public required double Passed { get; init; }

    /// <summary>Results that an operator node contradicted.</summary>
    [Id(3)]
    public required double Wrong { get; init; }

    /// <summary>Replicas that it gave back as failed or returned malformed.</summary>
    [Id(4)]
    public required double Errors { get; init; }

    /// <summary>Leases that ended without a word.</summary>
    [Id(5)]
    public required double Timeouts { get; init; }

    /// <summary>The last wrong result: the shard, and what was seen; null when there is none.</summary>
    [Id(6)]
    public string? LastWrong { get; init; }

    /// <summary>The same for each model family that it worked with lately, the latest first.</summary>
    [Id(7)]
    public IReadOnlyList<FamilyReputation> Families { get; init; } = [];
}

/// <summary>How far a node is believed with one family of models: all versions of one name.</summary>
/// <param name="Family">The name.</param>
/// <param name="Tier">The tier.</param>
/// <param name="Passed">Checks that its results passed.</param>
/// <param name="Wrong">Results that an operator node contradicted.</param>
/// <param name="Errors">Replicas that it gave back as failed or returned malformed.</param>
/// <param name="Timeouts">Leases that ended without a word.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.FamilyReputation")]
public sealed record FamilyReputation(
    [property: Id(0)] string Family,
    [property: Id(1)] ReputationTier Tier,
    [property: Id(2)] double Passed,
    [property: Id(3)] double Wrong,
    [property: Id(4)] double Errors,
    [property: Id(5)] double Timeouts);

/// <summary>A node's reputation at the end of a day, or now.</summary>
/// <param name="At">When.</param>
/// <param name="Tier">The tier.</param>
/// <param name="Passed">Checks that its results passed, decayed.</param>
/// <param name="Wrong">Results that an operator node contradicted, decayed.</param>
/// <param name="Errors">Replicas that it gave back as failed or returned malformed, decayed.</param>
/// <param name="Timeouts">Leases that ended without a word, decayed.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ReputationDay")]
public sealed record ReputationDay(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] ReputationTier Tier,
    [property: Id(2)] double Passed,
    [property: Id(3)] double Wrong,
    [property: Id(4)] double Errors,
    [property: Id(5)] double Timeouts);
