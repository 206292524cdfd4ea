namespace PiGrid.Client.Demo;

/// <summary>
/// What a demo's events say of its nodes and shards: a fold over the job's events. All times are the silo's own, since the submission was
/// accepted, so the demo's reading of the stream costs nothing.
/// </summary>
internal sealed class DemoTimes(DateTimeOffset acceptedAt)
{
    private readonly Dictionary<NodeId, NodeTimes> _nodes = [];
    private readonly Dictionary<LeaseId, NodeId> _held = [];
    private readonly Dictionary<int, TimeSpan> _shards = [];

    /// <summary>When each shard was accepted.</summary>
    public IReadOnlyDictionary<int, TimeSpan> Shards => _shards;

    /// <summary>What is known of a node.</summary>
    public NodeTimes Of(NodeId node) => _nodes.GetValueOrDefault(node, new());

    /// <summary>Whether the node holds a lease that it has not answered.</summary>
    public bool Holds(NodeId node) => _held.ContainsValue(node);

    /// <summary>Takes an event in.</summary>
    public void Add(JobEvent happened)
    {
        var since = happened.At - acceptedAt;
        if (happened is { Kind: JobEventKind.ShardAccepted, Shard: { } shard })
        {
            _shards.TryAdd(shard, since);
        }

        if (happened.Node is not { } node)
        {
            return;
        }

        var times = Of(node);
        _nodes[node] = happened.Kind switch
        {
            JobEventKind.ReplicaAssigned => times with { Assigned = times.Assigned + 1 },
            JobEventKind.ReplicaAccepted => times with { Acknowledged = times.Acknowledged ?? since },
            JobEventKind.ReplicaReturned => times with { FirstResult = times.FirstResult ?? since, LastResult = since, Results = times.Results + 1 },
            _ => times,
        };
        if (happened.Lease is not { } lease)
        {
            return;
        }

        if (happened.Kind is JobEventKind.ReplicaAssigned or JobEventKind.ReplicaAccepted)
        {
            _held[lease] = node;
        }
        else if (happened.Kind is JobEventKind.ReplicaReturned or JobEventKind.ReplicaEnded)
        {
            _held.Remove(lease);
        }
    }
}

/// <summary>When a node did what, since the submission was accepted.</summary>
internal sealed record NodeTimes
{
    /// <summary>Replicas given to it.</summary>
    public int Assigned { get; init; }

    /// <summary>Its first acknowledgement.</summary>
    public TimeSpan? Acknowledged { get; init; }

    /// <summary>Its first result.</summary>
    public TimeSpan? FirstResult { get; init; }

    /// <summary>Its newest result.</summary>
    public TimeSpan? LastResult { get; init; }

    /// <summary>Its results.</summary>
    public int Results { get; init; }
}
