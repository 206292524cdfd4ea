using Orleans;
using PiGrid.Verification;

namespace PiGrid.Grains.Verification.Trust;

/// <summary>What a check, or the lack of a result, says about who was asked.</summary>
internal enum TrustEvent
{
    /// <summary>An operator node, or another owner who was asked later, confirmed a result.</summary>
    Passed,

    /// <summary>An operator node contradicted a result.</summary>
    Wrong,

    /// <summary>A replica given back as failed, or a result that was malformed or signed wrongly.</summary>
    Error,

    /// <summary>No result in time.</summary>
    Timeout,
}

/// <summary>The verified history of one node, owner or model family. Counts decay; the tier follows from them.</summary>
/// <param name="Passed">Checks passed.</param>
/// <param name="Wrong">Wrong answers.</param>
/// <param name="Errors">Errors.</param>
/// <param name="Timeouts">Timeouts.</param>
/// <param name="At">The instant to which the counts are decayed.</param>
/// <param name="Tier">The tier.</param>
/// <param name="Until">When a suspension ends; null outside one.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.Standing")]
internal sealed record Standing(
    [property: Id(0)] double Passed,
    [property: Id(1)] double Wrong,
    [property: Id(2)] double Errors,
    [property: Id(3)] double Timeouts,
    [property: Id(4)] DateTimeOffset At,
    [property: Id(5)] ReputationTier Tier,
    [property: Id(6)] DateTimeOffset? Until)
{
    /// <summary>The standing of somebody new.</summary>
    public static Standing New(DateTimeOffset now) => new(0, 0, 0, 0, now, ReputationTier.Probation, null);
}
