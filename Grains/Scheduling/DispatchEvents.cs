namespace PiGrid.Grains.Scheduling;

/// <summary>What happens to a dispatcher.</summary>
internal abstract record DispatchEvent
{
    private DispatchEvent()
    {
    }

    /// <summary>A shard wants a replica.</summary>
    public sealed record Wanted(ReplicaRequest Request) : DispatchEvent;

    /// <summary>A shard no longer wants it.</summary>
    public sealed record Withdrawn(Guid Request) : DispatchEvent;

    /// <summary>A node says what it can take.</summary>
    public sealed record Offered(NodeOffer Offer) : DispatchEvent;

    /// <summary>A node took the replica that it was given.</summary>
    public sealed record Assigned(NodeId Node, Guid Request) : DispatchEvent;

    /// <summary>A node refused the replica that it was given, perhaps for this shard alone, or could not be asked.</summary>
    public sealed record Refused(NodeId Node, Guid Request, bool ForThisShard = false) : DispatchEvent;

    /// <summary>The period is over.</summary>
    public sealed record TimePassed : DispatchEvent;
}

/// <summary>What a dispatcher's rules want done.</summary>
internal abstract record DispatchCommand
{
    private DispatchCommand()
    {
    }

    /// <summary>Give the replica to the node, with the pace of its kind; the answer comes back as an event.</summary>
    public sealed record Assign(NodeId Node, ReplicaRequest Request, ReplicaPace? Pace) : DispatchCommand;

    /// <summary>Ask the node to offer again: what it offered was not true.</summary>
    public sealed record AskOffer(NodeId Node) : DispatchCommand;

    /// <summary>Tell the shard why its replicas wait, or with null that they do no longer.</summary>
    public sealed record Explain(ShardId Shard, string? Reason, bool LacksOwners = false) : DispatchCommand;
}
