using System.Collections.Immutable;
using PiGrid.Verification;

namespace PiGrid.Grains.Verification;

/// <summary>One result of a shard that takes part in the comparison.</summary>
/// <param name="Lease">The lease under which it was computed.</param>
/// <param name="Owner">Who answers for its node.</param>
/// <param name="Digest">The digest of the output.</param>
/// <param name="HardwareClass">The node's hardware class.</param>
/// <param name="Output">The output, which has passed the checks of a single output.</param>
internal sealed record QuorumCandidate(LeaseId Lease, OwnerId Owner, Sha256 Digest, string HardwareClass, ShardOutput Output)
{
    /// <summary>Whether it is an operator node's, whose word decides.</summary>
    public bool Operator { get; init; }
}

/// <summary>What the results of a shard allow.</summary>
internal abstract record QuorumDecision
{
    private QuorumDecision()
    {
    }

    /// <summary>The shard has its result.</summary>
    /// <param name="Canonical">The result accepted as true.</param>
    /// <param name="Agreeing">The results that agree with it, itself included, in order of arrival; one per owner.</param>
    /// <param name="Contradicting">The results that contradict it.</param>
    /// <param name="Inconclusive">The results that say nothing about it: near a decision's threshold, or a second one of an owner.</param>
    public sealed record Accept(
        LeaseId Canonical, ImmutableArray<LeaseId> Agreeing, ImmutableArray<LeaseId> Contradicting, ImmutableArray<LeaseId> Inconclusive)
        : QuorumDecision
    {
        /// <summary>Whether an operator node's result decided; else volunteers agreed.</summary>
        public bool Audited { get; init; }

        /// <summary>Whether volunteers contradict each other, so that somebody lies or is broken.</summary>
        public bool Disputed { get; init; }
    }

    /// <summary>More results are needed.</summary>
    /// <param name="Count">Replicas to ask for beside those that run; 0 when these may do.</param>
    /// <param name="HardwareClass">The only hardware class whose results can agree with what is there; any when null.</param>
    public sealed record NeedMore(int Count, string? HardwareClass) : QuorumDecision
    {
        /// <summary>Whether an operator node's result is needed as well.</summary>
        public bool Audit { get; init; }

        /// <summary>Whether a part of the first result's run is to be checked, and waited for.</summary>
        public bool Spot { get; init; }
    }

    /// <summary>The results do not agree, and there may be no more of them.</summary>
    /// <param name="Reason">Why, for the requester.</param>
    public sealed record GiveUp(string Reason) : QuorumDecision;
}
