namespace PiGrid.Grains.Scheduling;

/// <summary>
/// One requester's replicas in a lane: by priority, then the oldest first. A replica that bars a node's owner is passed over. So that an owner
/// of many nodes does not pass over the same thousands again for each of them, the queue remembers for each owner where the first replica is
/// that does not bar it: each replica is passed over once for each owner that it bars.
/// </summary>
internal sealed class RequesterQueue(RequesterAccount account) : IComparable<RequesterQueue>
{
    private readonly SortedSet<WaitingReplica> _queue = [];
    private readonly Dictionary<OwnerId, WaitingReplica> _startOf = [];
    private WaitingReplica? _lastStart;

    /// <summary>Whose they are.</summary>
    public RequesterAccount Account { get; } = account;

    /// <summary>How many wait.</summary>
    public int Waiting => _queue.Count;

    /// <summary>The first; null when none waits.</summary>
    public WaitingReplica? First => _queue.Min;

    /// <summary>All, in order.</summary>
    public IEnumerable<WaitingReplica> Replicas => _queue;

    /// <summary>A replica waits.</summary>
    public void Enqueue(WaitingReplica replica)
    {
        _queue.Add(replica);
        Reconsider(replica);
    }

    /// <summary>A replica no longer waits.</summary>
    public void Dequeue(WaitingReplica replica) => _queue.Remove(replica);

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

    /// <summary>The first replica that the node may run; null when it may run none.</summary>
    public WaitingReplica? FirstFor(BoardNode node)
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
            if (!replica.Excludes(node))
            {
                return replica;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public int CompareTo(RequesterQueue? other) => other is null ? 1 : Account.CompareTo(other.Account);

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
