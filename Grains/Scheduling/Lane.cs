using System.Runtime.InteropServices;

namespace PiGrid.Grains.Scheduling;

/// <summary>
/// All replicas that the same nodes can run, and these nodes. Between events every lane is at rest: none of its free nodes may run any of its
/// waiting replicas. So a new replica is only tried on the free nodes, and a node that becomes free only on the waiting replicas: those of the
/// requester who has had the least of the nodes' time first.
/// </summary>
internal sealed class Lane(Requirement requirement)
{
    private readonly Dictionary<RequesterAccount, RequesterQueue> _queues = [];
    private readonly SortedSet<RequesterQueue> _turns = [];
    private readonly Dictionary<OwnerId, int> _nodesOf = [];

    /// <summary>What its nodes have.</summary>
    public Requirement Requirement { get; } = requirement;

    /// <summary>Its nodes with free slots.</summary>
    public FreeNodes Free { get; } = new();

    /// <summary>Its nodes without free slots on which replicas may wait for the next one.</summary>
    public FreeNodes Ahead { get; } = new();

    /// <summary>Whether any of its nodes can take a replica.</summary>
    public bool HasRoom => !Free.IsEmpty || !Ahead.IsEmpty;

    /// <summary>How many nodes each owner has that could run its replicas, free or busy.</summary>
    public IReadOnlyDictionary<OwnerId, int> NodesOf => _nodesOf;

    /// <summary>How many nodes could run its replicas, free or busy.</summary>
    public int Nodes { get; private set; }

    /// <summary>How many replicas wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>The first replica of each requester whose replicas wait here.</summary>
    public IEnumerable<WaitingReplica> Firsts => _turns.Select(queue => queue.First!);

    /// <summary>The replicas that wait, requester by requester.</summary>
    public IEnumerable<WaitingReplica> Replicas => _turns.SelectMany(queue => queue.Replicas);

    /// <summary>A node that fits can take replicas, as its numbers say.</summary>
    public void List(BoardNode node) => PlaceOf(node)?.Add(node);

    /// <summary>Takes it out again, before its numbers change.</summary>
    public void Unlist(BoardNode node) => PlaceOf(node)?.Remove(node);

    /// <summary>A node that fits is known.</summary>
    public void Count(BoardNode node)
    {
        Nodes++;
        CollectionsMarshal.GetValueRefOrAddDefault(_nodesOf, node.Owner, out _)++;
    }

    /// <summary>A node that fits is gone.</summary>
    public void Uncount(BoardNode node)
    {
        Nodes--;
        if (--CollectionsMarshal.GetValueRefOrAddDefault(_nodesOf, node.Owner, out _) == 0)
        {
            _nodesOf.Remove(node.Owner);
        }
    }

    /// <summary>A replica waits.</summary>
    public void Enqueue(WaitingReplica replica)
    {
        if (!_queues.TryGetValue(replica.Account, out var queue))
        {
            queue = new RequesterQueue(replica.Account);
            _queues.Add(replica.Account, queue);
            _turns.Add(queue);
        }

        queue.Enqueue(replica);
        Waiting++;
    }

    /// <summary>A replica no longer waits.</summary>
    public void Dequeue(WaitingReplica replica)
    {
        var queue = _queues[replica.Account];
        queue.Dequeue(replica);
        Waiting--;
        if (queue.Waiting == 0)
        {
            _turns.Remove(queue);
            _queues.Remove(replica.Account);
        }
    }

    /// <summary>A waiting replica may bar fewer owners than before.</summary>
    public void Reconsider(WaitingReplica replica) => _queues[replica.Account].Reconsider(replica);

    /// <summary>Takes the requester's turn out while the account changes; <see cref="Rejoin"/> puts it back.</summary>
    public void Leave(RequesterAccount account)
    {
        if (_queues.TryGetValue(account, out var queue))
        {
            _turns.Remove(queue);
        }
    }

    /// <summary>Puts the requester's turn in its new place.</summary>
    public void Rejoin(RequesterAccount account)
    {
        if (_queues.TryGetValue(account, out var queue))
        {
            _turns.Add(queue);
        }
    }

    /// <summary>The replica whose turn it is on the node; null when it may run none.</summary>
    public WaitingReplica? NextFor(BoardNode node)
    {
        foreach (var queue in _turns)
        {
            if (queue.FirstFor(node) is { } replica)
            {
                return replica;
            }
        }

        return null;
    }

    private FreeNodes? PlaceOf(BoardNode node) => node.Free > 0 ? Free : Requirement.FreeOn(node) > 0 ? Ahead : null;
}
