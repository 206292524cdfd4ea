using System.Runtime.InteropServices;

namespace PiGrid.Grains.Scheduling;

/// <summary>
/// All replicas that the same nodes can run, and these nodes. Between events every lane is at rest: none of its free nodes may run any of its
/// waiting replicas. So a new replica is only tried on the free nodes, and a node that becomes free only on the waiting replicas.
/// <para>
/// A replica that bars a node's owner is passed over. So that an owner of many nodes does not pass over the same thousands again for each of
/// them, the lane remembers for each owner where the first replica is that does not bar it: each replica is passed over once for each owner
/// that it bars.
/// </para>
/// </summary>
internal sealed class Lane(Requirement requirement)
{
    private readonly SortedSet<WaitingReplica> _queue = [];
    private readonly Dictionary<OwnerId, WaitingReplica> _startOf = [];
    private readonly Dictionary<OwnerId, int> _nodesOf = [];
    private WaitingReplica? _lastStart;

    /// <summary>What its nodes have.</summary>
    public Requirement Requirement { get; } = requirement;

    /// <summary>Its nodes with free slots.</summary>
    public FreeNodes Free { get; } = new();

    /// <summary>How many nodes each owner has that could run its replicas, free or busy.</summary>
    public IReadOnlyDictionary<OwnerId, int> NodesOf => _nodesOf;

    /// <summary>How many nodes could run its replicas, free or busy.</summary>
    public int Nodes { get; private set; }

    /// <summary>How many replicas wait.</summary>
    public int Waiting => _queue.Count;

    /// <summary>The replica that waits longest; null when none waits.</summary>
    public WaitingReplica? Oldest => _queue.Min;

    /// <summary>The replicas that wait, oldest first.</summary>
    public IEnumerable<WaitingReplica> Queue => _queue;

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
        _queue.Add(replica);
        Reconsider(replica);
    }

    /// <summary>A replica no longer waits.</summary>
    public void Dequeue(WaitingReplica replica)
    {
        _queue.Remove(replica);
        if (_queue.Count == 0)
        {
            _startOf.Clear();
            _lastStart = null;
        }
    }

    /// <summary>A waiting replica may bar fewer owners than before: no owner's search starts behind it.</summary>
    public void Reconsider(WaitingReplica replica)
    {
        if (_lastStart is null || replica.CompareTo(_lastStart) >= 0)
        {
            // The usual case: it is the newest.
            return;
        }

        foreach (var owner in _startOf.Where(start => replica.CompareTo(start.Value) < 0).Select(start => start.Key).ToArray())
        {
            _startOf[owner] = replica;
        }
    }

    /// <summary>The oldest replica that the node may run; null when it may run none.</summary>
    public WaitingReplica? OldestFor(BoardNode node)
    {
        var barredSoFar = true;
        foreach (var replica in From(node.Owner))
        {
            if (replica.Bars(node.Owner))
            {
                if (barredSoFar)
                {
                    Start(node.Owner, replica);
                }

                continue;
            }

            barredSoFar = false;
            if (!replica.Excludes(node.Id))
            {
                return replica;
            }
        }

        return null;
    }

    private SortedSet<WaitingReplica> From(OwnerId owner)
    {
        if (!_startOf.TryGetValue(owner, out var start))
        {
            return _queue;
        }

        var last = _queue.Max;
        return last is null || start.CompareTo(last) > 0 ? [] : _queue.GetViewBetween(start, last);
    }

    /// <summary>All replicas before this one bar the owner.</summary>
    private void Start(OwnerId owner, WaitingReplica replica)
    {
        _startOf[owner] = replica;
        _lastStart = _lastStart is null || replica.CompareTo(_lastStart) > 0 ? replica : _lastStart;
    }
}
