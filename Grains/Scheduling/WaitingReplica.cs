namespace PiGrid.Grains.Scheduling;

/// <summary>A replica that is wanted: it waits in a lane, or is being given to a node that has not answered yet.</summary>
internal sealed class WaitingReplica(ReplicaRequest request, BoardShard shard, RequesterAccount account, long number, DateTimeOffset now)
    : IComparable<WaitingReplica>
{
    private HashSet<NodeId>? _refusedBy;

    /// <summary>What was asked.</summary>
    public ReplicaRequest Request { get; } = request;

    /// <summary>Its shard, with the other replicas.</summary>
    public BoardShard Shard { get; } = shard;

    /// <summary>Who pays for it with a turn.</summary>
    public RequesterAccount Account { get; } = account;

    /// <summary>What a node must have.</summary>
    public Requirement Requirement { get; } = Requirement.Of(request);

    /// <summary>When the dispatcher first had it.</summary>
    public DateTimeOffset ReceivedAt { get; } = now;

    /// <summary>When its shard last asked for it.</summary>
    public DateTimeOffset RenewedAt { get; set; } = now;

    /// <summary>The node that it is being given to, and who answers for it; null while it waits.</summary>
    public (NodeId Node, OwnerId Owner)? Given { get; set; }

    /// <summary>Whether its shard stopped wanting it while it was being given.</summary>
    public bool IsWithdrawn { get; set; }

    /// <summary>Whether it was given out of the budget of hedges.</summary>
    public bool IsPaidFor { get; set; }

    /// <summary>Its place in its requester's queue.</summary>
    public QueuePlace Place { get; } = new(request.Priority, request.AskedAt, number);

    /// <summary>Whether no node of this owner may have it: the owner has another replica of the shard, or is being given one.</summary>
    public bool Bars(OwnerId owner) => (IsReplica && Shard.Bars(owner, ReceivedAt)) || Contains(Request.ExcludedOwners, owner);

    /// <summary>Whether it repeats the shard; else it opens or audits a part of what was done, which owners of the shard's replicas may do.</summary>
    public bool IsReplica => Request.Order.Work.Kind is WorkKind.Run or WorkKind.Validate;

    /// <summary>Whether this node may not have it.</summary>
    public bool Excludes(BoardNode node) =>
        (Request.Only is { } only && only != node.Id) || Contains(Request.ExcludedNodes, node.Id) || _refusedBy?.Contains(node.Id) == true || IsAlike(node)
        || !PlacementRules.IsWithin(Request.Placement, node.Profile);

    /// <summary>Whether the node shares its region or hardware class with one that the replica has to differ from.</summary>
    public bool IsAlike(BoardNode node) =>
        Contains(Request.ExcludedHardwareClasses, node.Profile.HardwareClass) || Contains(Request.ExcludedRegions, node.Profile.Region);

    /// <summary>Until then no other replica of the shard goes to the owner whose node it is being given to.</summary>
    public void Bar(DateTimeOffset until)
    {
        if (IsReplica)
        {
            Shard.Give(Given!.Value.Owner, until);
        }
    }

    /// <summary>That owner's node did not take it.</summary>
    public void Unbar()
    {
        if (IsReplica)
        {
            Shard.TakeBack(Given!.Value.Owner);
        }
    }

    /// <summary>The node refused it, and would again.</summary>
    public void Exclude(NodeId node) => (_refusedBy ??= []).Add(node);

    /// <summary>The owners that it bars; some may be named twice.</summary>
    public IEnumerable<OwnerId> BarredOwners() => IsReplica ? Request.ExcludedOwners.Concat(Shard.OwnersBarred(ReceivedAt)) : Request.ExcludedOwners;

    /// <inheritdoc/>
    public int CompareTo(WaitingReplica? other) => other is null ? 1 : Place.CompareTo(other.Place);

    private static bool Contains<T>(IReadOnlyList<T> list, T value)
        where T : IEquatable<T>
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].Equals(value))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A place in a requester's queue: by priority, then by when the shard first asked, then by arrival.</summary>
internal readonly record struct QueuePlace(JobPriority Priority, DateTimeOffset AskedAt, long Number) : IComparable<QueuePlace>
{
    /// <inheritdoc/>
    public int CompareTo(QueuePlace other)
    {
        var order = other.Priority.CompareTo(Priority);
        order = order != 0 ? order : AskedAt.CompareTo(other.AskedAt);
        return order != 0 ? order : Number.CompareTo(other.Number);
    }
}
