using System.Collections.Immutable;
using PiGrid.Protocol;

namespace PiGrid.Grains.Nodes;

/// <summary>What the node's rules want done, in order. Each is harmless when done twice or lost.</summary>
internal abstract record NodeCommand
{
    /// <summary>Push a message to the node.</summary>
    public sealed record Push(NodeMessage Message) : NodeCommand;

    /// <summary>Close the session that was open until now.</summary>
    public sealed record Close(string Reason) : NodeCommand;

    /// <summary>Tell a shard what became of its replica.</summary>
    public sealed record Tell(ShardId Shard, Guid Request, LeaseId Lease, ReplicaState State, DateTimeOffset Deadline, string? Reason) : NodeCommand
    {
        /// <summary>How long such replicas take; with an assignment only.</summary>
        public ReplicaPace? Pace { get; init; }

        /// <summary>What the lease is for where that is no replica.</summary>
        public WorkKind? Kind { get; init; }
    }

    /// <summary>Sign a lease that lasts longer now and push it to the node.</summary>
    public sealed record Renew(Lease Lease) : NodeCommand;

    /// <summary>Challenge the node to prove that it has the model.</summary>
    public sealed record Challenge(BlobRef Model) : NodeCommand;

    /// <summary>Tell the dispatcher what the node offers now.</summary>
    public sealed record Offer : NodeCommand;

    /// <summary>Write the node's standing now, not only from time to time.</summary>
    public sealed record Save : NodeCommand;
}

/// <summary>What a rule returns.</summary>
/// <param name="Presence">The new presence.</param>
/// <param name="Standing">The new standing.</param>
/// <param name="Commands">What to do, in order.</param>
internal sealed record NodeStep(NodePresence Presence, NodeStanding Standing, ImmutableList<NodeCommand> Commands);
