using PiGrid.Verification;

namespace PiGrid.Grains.Verification.Trust;

/// <summary>What a check, or the lack of a result, says about who was asked.</summary>
internal enum TrustEvent
{
    /// <summary>A ringer, an audit or the agreement of a distinct owner confirmed a result.</summary>
    Passed,

    /// <summary>A ringer or an audit contradicted a result, or it was malformed.</summary>
    Wrong,

    /// <summary>An error that other nodes did not have.</summary>
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
internal sealed record Standing(
    double Passed, double Wrong, double Errors, double Timeouts, DateTimeOffset At, ReputationTier Tier, DateTimeOffset? Until)
{
    /// <summary>The standing of somebody new.</summary>
    public static Standing New(DateTimeOffset now) => new(0, 0, 0, 0, now, ReputationTier.Probation, null);
}
