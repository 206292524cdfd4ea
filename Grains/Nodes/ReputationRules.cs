using PiGrid.Grains.Verification.Trust;
using PiGrid.Verification;

namespace PiGrid.Grains.Nodes;

/// <summary>
/// What checks and failures do to a node's name, by <see cref="StandingRules"/>: once for the node and once for the model's family. An operator node
/// has no name to lose.
/// </summary>
internal static class ReputationRules
{
    // Families that a node worked with last; with one that it has not used for so long it begins anew.
    private const int FamiliesMax = 64;

    // Evidence about one lease comes twice only when a shard's grain was lost between the two, so soon after the first.
    private const int EvidenceMax = 256;

    /// <summary>A check said something about a result; null when that is known already.</summary>
    public static NodeStanding? Hear(NodeStanding standing, CheckEvidence evidence, DateTimeOffset now, TrustOptions options)
    {
        var mark = new EvidenceMark(evidence.Lease, evidence.Wrong);
        if (standing.Record?.Operator != false || standing.Evidence.Contains(mark))
        {
            return null;
        }

        var kept = standing.Evidence.Count < EvidenceMax ? standing.Evidence : standing.Evidence.RemoveAt(0);
        var counted = Count(standing with { Evidence = kept.Add(mark) }, evidence.Wrong ? TrustEvent.Wrong : TrustEvent.Passed, evidence.Model.Name, now, options);
        return evidence.Wrong
            ? counted with { LastWrong = $"shard {evidence.Shard} of {evidence.Model}: {evidence.Detail}" }
            : counted;
    }

    /// <summary>Errors and timeouts, as the node's tally counted them in one step; the leases that ended in it say with which models.</summary>
    public static NodeStanding Follow(NodePresence before, NodeStanding was, NodePresence after, NodeStanding standing, DateTimeOffset now, TrustOptions options)
    {
        var errors = standing.Tally.Failed - was.Tally.Failed + standing.Tally.Invalid - was.Tally.Invalid;
        var timeouts = standing.Tally.Expired - was.Tally.Expired;
        if (errors + timeouts == 0 || standing.Record?.Operator != false)
        {
            return standing;
        }

        var ended = new Queue<string?>(before.Leases.Values.Where(held => held.TakesSlot && !after.Leases.ContainsKey(held.Lease.Id)).Select(held => held.Work?.Model.Name));
        for (; errors > 0; errors--)
        {
            standing = Count(standing, TrustEvent.Error, ended.TryDequeue(out var family) ? family : null, now, options);
        }

        for (; timeouts > 0; timeouts--)
        {
            standing = Count(standing, TrustEvent.Timeout, ended.TryDequeue(out var family) ? family : null, now, options);
        }

        return standing;
    }

    /// <summary>Takes work from the node until then; a suspension that lasts longer stays.</summary>
    public static NodeStanding Suspend(NodeStanding standing, DateTimeOffset until, string reason) => standing.SuspendedUntil >= until
        ? standing
        : standing with { SuspendedUntil = until, SuspendedReason = reason };

    /// <summary>Ends a suspension that is over.</summary>
    public static NodeStanding Age(NodeStanding standing, DateTimeOffset now) =>
        standing.SuspendedUntil <= now ? standing with { SuspendedUntil = null, SuspendedReason = null } : standing;

    /// <summary>The operator forgives: the node begins anew.</summary>
    public static NodeStanding Forgive(NodeStanding standing) =>
        standing with { Trust = null, Families = [], LastWrong = null, SuspendedUntil = null, SuspendedReason = null };

    /// <summary>Checks that the node has passed with the model's family, decayed.</summary>
    public static int Passed(NodeStanding standing, string family, DateTimeOffset now, TrustOptions options) =>
        (int)(standing.Families.Find(known => known.Family == family) is { } found ? StandingRules.At(found.Trust, now, options).Passed : 0);

    /// <summary>The lowest tier of the node and the node with the family.</summary>
    public static ReputationTier Tier(NodeStanding standing, string? family, DateTimeOffset now, TrustOptions options)
    {
        var node = standing.BannedReason is not null ? ReputationTier.Banned
            : standing.SuspendedUntil > now ? ReputationTier.Suspended
            : TierOf(standing.Trust, now, options);
        var with = family is null ? node : TierOf(standing.Families.Find(known => known.Family == family)?.Trust, now, options);
        return Lower(node, with);
    }

    /// <summary>The tier by which the node is given work; null for an operator node, which is believed.</summary>
    public static ReputationTier? PlacedBy(NodeStanding standing, DateTimeOffset now, TrustOptions options) =>
        standing.Record?.Operator != false ? null : Tier(standing, family: null, now, options);

    /// <summary>What operators see; null for an operator node.</summary>
    public static NodeReputation? ToReputation(NodeStanding standing, DateTimeOffset now, TrustOptions options)
    {
        if (standing.Record?.Operator != false)
        {
            return null;
        }

        var trust = StandingRules.At(standing.Trust ?? Standing.New(now), now, options);
        return new NodeReputation
        {
            Tier = Tier(standing, family: null, now, options),
            Until = standing.SuspendedUntil,
            Passed = trust.Passed,
            Wrong = trust.Wrong,
            Errors = trust.Errors,
            Timeouts = trust.Timeouts,
            LastWrong = standing.LastWrong,
            Families = standing.Families
                .Select(known => (known.Family, Trust: StandingRules.At(known.Trust, now, options)))
                .Select(known => new FamilyReputation(known.Family, known.Trust.Tier, known.Trust.Passed, known.Trust.Wrong, known.Trust.Errors, known.Trust.Timeouts))
                .ToArray(),
        };
    }

    private static NodeStanding Count(NodeStanding standing, TrustEvent happened, string? family, DateTimeOffset now, TrustOptions options)
    {
        var trust = StandingRules.Apply(standing.Trust ?? Standing.New(now), happened, now, options);
        var next = standing with { Trust = trust };
        if (family is not null)
        {
            var known = standing.Families.Find(f => f.Family == family);
            var counted = new FamilyStanding(family, StandingRules.Apply(known?.Trust ?? Standing.New(now), happened, now, options));
            var others = known is null ? standing.Families : standing.Families.Remove(known);
            next = next with { Families = (others.Count < FamiliesMax ? others : others.RemoveAt(others.Count - 1)).Insert(0, counted) };
        }

        return trust is { Tier: ReputationTier.Suspended, Until: { } until }
            ? Suspend(next, until, happened == TrustEvent.Wrong ? "an operator node contradicted a result of it" : "too many of its replicas failed or ended without a word")
            : next;
    }

    private static ReputationTier TierOf(Standing? trust, DateTimeOffset now, TrustOptions options) =>
        trust is null ? ReputationTier.Probation : StandingRules.At(trust, now, options).Tier;

    private static ReputationTier Lower(ReputationTier a, ReputationTier b) =>
        a >= ReputationTier.Suspended || b >= ReputationTier.Suspended ? (a > b ? a : b) : (a < b ? a : b);
}
