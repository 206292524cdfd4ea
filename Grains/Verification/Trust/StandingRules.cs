using PiGrid.Verification;

namespace PiGrid.Grains.Verification.Trust;

/// <summary>
/// How standing moves. Only passed checks raise it, so who is never checked cannot climb, and work that nobody checked is not an event here at all.
/// A wrong answer loses all of it at once; errors and timeouts, which honest machines have, only when there are many.
/// </summary>
internal static class StandingRules
{
    private const double FailuresToJudge = 10;

    /// <summary>The standing after <paramref name="happened"/>.</summary>
    public static Standing Apply(Standing state, TrustEvent happened, DateTimeOffset now, TrustOptions options)
    {
        var decayed = At(state, now, options);
        if (decayed.Tier == ReputationTier.Banned || (decayed.Tier == ReputationTier.Suspended && happened == TrustEvent.Wrong))
        {
            // What comes to light during a suspension was done before it: a machine that broke is not banned for every result of that night.
            return decayed;
        }

        var counted = happened switch
        {
            TrustEvent.Passed => decayed with { Passed = decayed.Passed + 1 },
            TrustEvent.Wrong => decayed with { Passed = 0, Wrong = decayed.Wrong + 1 },
            TrustEvent.Error => decayed with { Errors = decayed.Errors + 1 },
            TrustEvent.Timeout => decayed with { Timeouts = decayed.Timeouts + 1 },
        };
        return Judge(counted, happened, now, options);
    }

    /// <summary>The standing at a later instant: counts halve every half-life, a suspension ends in probation. A clock that steps back changes nothing.</summary>
    public static Standing At(Standing state, DateTimeOffset now, TrustOptions options)
    {
        if (now <= state.At)
        {
            return state;
        }

        var factor = Math.Pow(0.5, (now - state.At) / options.HalfLife);
        var decayed = state with
        {
            Passed = state.Passed * factor,
            Wrong = state.Wrong * factor,
            Errors = state.Errors * factor,
            Timeouts = state.Timeouts * factor,
            At = now,
        };
        return decayed switch
        {
            { Tier: ReputationTier.Suspended } when decayed.Until <= now => decayed with { Tier = ReputationTier.Probation, Until = null, Passed = 0 },
            { Tier: ReputationTier.Trusted } when decayed.Passed < options.ProbationChecks / 2.0 => decayed with { Tier = ReputationTier.Probation },
            _ => decayed,
        };
    }

    private static Standing Judge(Standing state, TrustEvent happened, DateTimeOffset now, TrustOptions options)
    {
        if (happened == TrustEvent.Wrong)
        {
            return state.Wrong >= options.WrongToBan
                ? state with { Tier = ReputationTier.Banned, Until = null }
                : state with { Tier = ReputationTier.Suspended, Until = now + options.Suspension };
        }

        var failures = state.Errors + state.Timeouts;
        if (state.Tier != ReputationTier.Suspended
            && happened != TrustEvent.Passed
            && failures >= FailuresToJudge
            && failures > options.FailureShareMax * (failures + state.Passed))
        {
            return state with { Tier = ReputationTier.Suspended, Until = now + options.Suspension };
        }

        return state is { Tier: ReputationTier.Probation } && state.Passed >= options.ProbationChecks
            ? state with { Tier = ReputationTier.Trusted }
            : state;
    }
}
