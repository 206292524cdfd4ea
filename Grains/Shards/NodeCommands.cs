using Orleans;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>Performs what a shard's rules want done at nodes; the same for a job's shard and an online call.</summary>
internal static class NodeCommands
{
    /// <summary>Performs a command that concerns a node; null when it is none.</summary>
    /// <param name="grains">Where the node's grain is found.</param>
    /// <param name="shard">The shard whose rules command it.</param>
    /// <param name="model">What it runs.</param>
    /// <param name="command">The command.</param>
    public static Task? TryPerform(this IGrainFactory grains, ShardId shard, ModelRef model, ShardCommand command) => command switch
    {
        ShardCommand.CancelLease cancel => grains.GetGrain<INodeGrain>(cancel.Node.Value).CancelLease(cancel.Lease, cancel.Reason),
        ShardCommand.TellVerdict tell => grains.GetGrain<INodeGrain>(tell.Node.Value).Verdict(tell.Lease, tell.Verdict, tell.Reason),
        ShardCommand.TellEvidence tell => grains.GetGrain<INodeGrain>(tell.Node.Value).Evidence(new CheckEvidence
        {
            Lease = tell.Lease,
            Shard = shard,
            Model = model,
            Wrong = tell.Wrong,
            Detail = tell.Detail,
        }),
        _ => null,
    };
}
