using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Grains.Jobs;

/// <summary>Which delivered results are checked again when owners are found to lie.</summary>
internal static class RecheckRules
{
    /// <summary>The owners on whom a job may rest in error: those found since it was accepted. Whoever was found before took no part in it, or was free again.</summary>
    public static OwnerId[] Distrusted(IEnumerable<PiGrid.Verification.FoundOwner> found, DateTimeOffset acceptedAt) =>
        [.. found.Where(owner => owner.At >= acceptedAt).Select(owner => owner.Owner).Distinct()];

    /// <summary>Whether a result is to be checked again: nobody who gave it is believed any more, or its first is not, of whom the others may be echoes.</summary>
    public static bool IsShaken(ShardOutcome outcome, IReadOnlySet<OwnerId> distrusted) =>
        outcome.Accepted
        && TakeBackRules.Of([.. outcome.Witnesses.Select(witness => distrusted.Contains(witness.Owner))], outcome.Audited) is TakeBack.Reopen or TakeBack.CheckAgain;
}
