using System.Collections.Immutable;
using PiGrid.Grains.Shards;
using PiGrid.Protocol;

namespace PiGrid.Tests.Simulation;

/// <summary>What is durable of a virtual shard: what the real one's record and receipt say, without signatures.</summary>
/// <param name="Spec">The shard.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Accepted">What was accepted; null when it was given up.</param>
internal sealed record ShardEnd(ShardSpec? Spec, ShardOutcome Outcome, ShardCommand.Accept? Accepted)
{
    /// <summary>The state of a shard that is activated again after its end.</summary>
    public ShardState Restore() => ShardState.New with
    {
        Phase = Outcome.Accepted ? ShardPhase.Accepted : ShardPhase.GivenUp,
        Spec = Spec,
        Issued = Outcome.Replicas,
        Canonical = Accepted?.Canonical.Result!.Output,
        CanonicalDigest = Accepted?.Canonical.Result!.Signed.Statement.Output,
        Verdicts = Accepted is null
            ? ImmutableDictionary<LeaseId, Verdict>.Empty
            : Accepted.Compared.ToImmutableDictionary(
                r => r.Lease!.Value, r => Accepted.Agreed.Contains(r.Lease!.Value) ? Verdict.Accepted : Verdict.Rejected),
    };
}
