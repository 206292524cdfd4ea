using PiGrid.Grains.Shards;

namespace PiGrid.Tests.Simulation;

/// <summary>What is durable of a virtual shard: what the real one's record and receipt say, without signatures.</summary>
/// <param name="Spec">The shard.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Accepted">What was accepted; null when it was given up.</param>
internal sealed record ShardEnd(ShardSpec? Spec, ShardOutcome Outcome, ShardCommand.Accept? Accepted)
{
    /// <summary>The state of a shard that is activated again after its end.</summary>
    public ShardState Restore() => ShardRules.Restore(
        Spec, Outcome, Accepted?.Canonical.Result!.Output, Accepted?.Canonical.Result!.Signed.Statement.Output, Accepted?.Agreed ?? [], []);
}
