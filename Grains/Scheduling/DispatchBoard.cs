using System.Runtime.InteropServices;

namespace PiGrid.Grains.Scheduling;

/// <summary>
/// What a dispatcher knows: nodes, waiting replicas, and the indexes between them. It is changed in place, unlike the state of other rules:
/// it holds up to hundreds of thousands of entries, is never written, and only <see cref="DispatchRules"/> changes it. It decides nothing.
/// </summary>
internal sealed class DispatchBoard(SchedulingOptions options)
{
    private readonly Dictionary<NodeId, BoardNode> _nodes = [];
    private readonly Dictionary<Guid, WaitingReplica> _replicas = [];
    private readonly Dictionary<ShardId, BoardShard> _shards = [];
    private readonly Dictionary<Requirement, Lane> _lanes = [];
    private readonly Dictionary<Sha256, FreeNodes> _holders = [];
    private readonly Dictionary<string, RequesterAccount> _accounts = [];
    private readonly Queue<(DateTimeOffset At, BoardShard Shard)> _forget = [];
    private readonly Queue<BoardShard> _rotation = [];
    private readonly Queue<(DateTimeOffset At, NodeId Node, long Sequence)> _voided = [];
    private long _step;

    // What the requester who was served last had had: those who come back start there.
    private double _level;

    /// <summary>The limits in force.</summary>
    public SchedulingOptions Options { get; } = options;

    /// <summary>How long replicas take.</summary>
    public PaceBook Paces { get; } = new(options);

    /// <summary>The hedges that can be afforded.</summary>
    public HedgeBudget Hedges { get; } = new(options);

    /// <summary>All nodes that are available, free or busy.</summary>
    public IReadOnlyCollection<BoardNode> Nodes => _nodes.Values;

    /// <summary>All lanes.</summary>
    public IReadOnlyCollection<Lane> Lanes => _lanes.Values;

    /// <summary>Replicas that wait.</summary>
    public int Waiting => _lanes.Values.Sum(lane => lane.Waiting);

    /// <summary>Nodes with free slots.</summary>
    public int FreeNodes { get; private set; }

    /// <summary>Whether no more replicas may wait.</summary>
    public bool IsFull => _replicas.Count >= Options.WaitingMax;

    /// <summary>The node; null when it is not known.</summary>
    public BoardNode? FindNode(NodeId id) => _nodes.GetValueOrDefault(id);

    /// <summary>The replica that waits or is being given; null when there is none.</summary>
    public WaitingReplica? FindReplica(Guid request) => _replicas.GetValueOrDefault(request);

    /// <summary>The lane in which the replica waits or would wait.</summary>
    public Lane LaneOf(WaitingReplica replica)
    {
        if (!_lanes.TryGetValue(replica.Requirement, out var lane))
        {
            lane = Open(replica.Requirement);
        }

        return lane;
    }

    /// <summary>The free nodes that have the model on disk; null when none has.</summary>
    public FreeNodes? HoldersOf(Sha256 model) => _holders.GetValueOrDefault(model);

    /// <summary>A new replica, which waits.</summary>
    public WaitingReplica Add(ReplicaRequest request, DateTimeOffset now)
    {
        ref var shard = ref CollectionsMarshal.GetValueRefOrAddDefault(_shards, request.Shard, out _);
        shard ??= new BoardShard(request.Shard);
        if (!_accounts.TryGetValue(request.Requester, out var account))
        {
            account = new RequesterAccount(request.Requester);
            _accounts.Add(request.Requester, account);
        }

        if (account.Held++ == 0)
        {
            account.Return(_level);
        }

        var replica = new WaitingReplica(request, shard, account, ++_step, now);
        _replicas.Add(request.Id, replica);
        Enqueue(replica);
        return replica;
    }

    /// <summary>A replica is not wanted any more. One that is being given is forgotten when the node has answered.</summary>
    public void Withdraw(WaitingReplica replica, DateTimeOffset now)
    {
        if (replica.Given is not null)
        {
            replica.IsWithdrawn = true;
            return;
        }

        Dequeue(replica);
        Remove(replica);
        ForgetLater(replica.Shard, now);
    }

    /// <summary>The replica is being given to the node.</summary>
    public void Give(BoardNode node, WaitingReplica replica)
    {
        Charge(replica);
        Dequeue(replica);
        replica.IsPaidFor = replica.Request.Hedge && Hedges.Allows;
        if (replica.IsPaidFor)
        {
            Hedges.Spend();
        }

        replica.Given = (node.Id, node.Owner);
        replica.Shard.Giving++;
        replica.Bar(DateTimeOffset.MaxValue);
        Change(node, n => n.Give(replica.Request.Id, replica.Request.Shard.Job.IsCall, ++_step));
    }

    /// <summary>The node took the replica, which is its node's and its shard's matter from now on.</summary>
    public void Settle(BoardNode? node, WaitingReplica replica, DateTimeOffset now)
    {
        Answer(node, replica, NodeAnswer.Took, now);
        if (!replica.Request.Hedge)
        {
            Hedges.Earn();
        }

        replica.Bar(now + Options.PlacementHeard);
        Remove(replica);
        ForgetLater(replica.Shard, now);
    }

    /// <summary>The node did not take the replica, which waits again in its old place unless it is no longer wanted.</summary>
    public void PutBack(BoardNode? node, WaitingReplica replica, bool forThisShard, DateTimeOffset now)
    {
        Answer(node, replica, forThisShard ? NodeAnswer.RefusedShard : NodeAnswer.Refused, now);
        if (forThisShard)
        {
            replica.Exclude(replica.Given!.Value.Node);
        }

        if (replica.IsPaidFor)
        {
            Hedges.Refund();
        }

        replica.Unbar();
        if (replica.IsWithdrawn)
        {
            Remove(replica);
            ForgetLater(replica.Shard, now);
        }
        else
        {
            Enqueue(replica);
        }

        foreach (var sibling in replica.Shard.Waiting)
        {
            LaneOf(sibling).Reconsider(sibling);
        }
    }

    /// <summary>A node's newest offer; the node is forgotten when it is not available.</summary>
    public BoardNode? Put(NodeOffer offer)
    {
        var node = FindNode(offer.Node);
        if (node is not null)
        {
            Unlist(node);
            _nodes.Remove(node.Id);
        }

        if (!offer.Available || _nodes.Count >= Options.NodesMax)
        {
            return null;
        }

        node ??= new BoardNode(offer);
        node.Apply(offer, Options);
        _nodes.Add(node.Id, node);
        foreach (var lane in _lanes.Values.Where(lane => lane.Requirement.Fits(node, Options)))
        {
            lane.Count(node);
        }

        ListFree(node);
        return node;
    }

    /// <summary>The shards whose turn it is to be explained, at most the limit; those with nothing waiting drop out of the rotation.</summary>
    public IEnumerable<BoardShard> NextInRotation()
    {
        for (var left = Math.Min(_rotation.Count, Options.ExplainedPerPeriodMax); left > 0; left--)
        {
            var shard = _rotation.Dequeue();
            shard.IsInRotation = shard.Waiting.Count > 0;
            if (shard.IsInRotation)
            {
                _rotation.Enqueue(shard);
                yield return shard;
            }
        }
    }

    /// <summary>Drops what is remembered of shards with nothing waiting; gives those that were told a reason and must hear its end.</summary>
    public IEnumerable<BoardShard> Forget(DateTimeOffset now)
    {
        // They would start level with the others anyway.
        foreach (var account in _accounts.Values.Where(account => account.Held == 0 && account.Served <= _level).ToArray())
        {
            _accounts.Remove(account.Requester);
        }

        while (_forget.TryPeek(out var due) && due.At < now)
        {
            _forget.Dequeue();
            if (due.Shard is { Waiting.Count: 0, Giving: 0, Told: not null })
            {
                yield return due.Shard;
            }

            if (due.Shard.IsOver(now) && _shards.GetValueOrDefault(due.Shard.Id) == due.Shard)
            {
                _shards.Remove(due.Shard.Id);
            }
        }
    }

    /// <summary>The nodes whose offers were found untrue a while ago, and which have made no other since.</summary>
    public IEnumerable<NodeId> Voided(DateTimeOffset now)
    {
        while (_voided.TryPeek(out var due) && due.At <= now)
        {
            _voided.Dequeue();
            if (FindNode(due.Node)?.Sequence == due.Sequence)
            {
                yield return due.Node;
            }
        }
    }

    /// <summary>How many other requesters have something waiting.</summary>
    public int RivalsOf(string requester) => _accounts.Values.Count(account => account.Held > 0 && account.Requester != requester);

    /// <summary>The requester has its turn.</summary>
    private void Charge(WaitingReplica replica)
    {
        var account = replica.Account;
        _level = Math.Max(_level, account.Served);
        foreach (var lane in _lanes.Values)
        {
            lane.Leave(account);
        }

        account.Charge((Paces.Of(replica.Request)?.Typical ?? Options.PaceAssumed).TotalSeconds);
        foreach (var lane in _lanes.Values)
        {
            lane.Rejoin(account);
        }
    }

    private void Enqueue(WaitingReplica replica)
    {
        replica.Given = null;
        replica.Shard.Waiting.Add(replica);
        LaneOf(replica).Enqueue(replica);
        if (!replica.Shard.IsInRotation)
        {
            replica.Shard.IsInRotation = true;
            _rotation.Enqueue(replica.Shard);
        }
    }

    private void Dequeue(WaitingReplica replica)
    {
        replica.Shard.Waiting.Remove(replica);
        LaneOf(replica).Dequeue(replica);
    }

    private void Remove(WaitingReplica replica)
    {
        _replicas.Remove(replica.Request.Id);
        replica.Account.Held--;
    }

    private void Answer(BoardNode? node, WaitingReplica replica, NodeAnswer answer, DateTimeOffset now)
    {
        replica.Shard.Giving--;
        if (node is not null)
        {
            Change(node, n =>
            {
                if (n.Answer(replica.Request.Id, answer))
                {
                    _voided.Enqueue((now + Options.OfferAgainAfter, n.Id, n.Sequence));
                }
            });
        }
    }

    private void ForgetLater(BoardShard shard, DateTimeOffset now) => _forget.Enqueue((now + Options.PlacementHeard, shard));

    /// <summary>Changes a node's numbers, on which its place among the free nodes depends.</summary>
    private void Change(BoardNode node, Action<BoardNode> change)
    {
        UnlistFree(node);
        change(node);
        ListFree(node);
    }

    private Lane Open(Requirement requirement)
    {
        if (_lanes.Count >= Options.LanesMax)
        {
            foreach (var unused in _lanes.Values.Where(lane => lane.Waiting == 0).ToArray())
            {
                _lanes.Remove(unused.Requirement);
            }
        }

        var opened = new Lane(requirement);
        _lanes.Add(requirement, opened);
        foreach (var node in _nodes.Values.Where(node => requirement.Fits(node, Options)))
        {
            opened.Count(node);
            opened.List(node);
        }

        return opened;
    }

    private void Unlist(BoardNode node)
    {
        UnlistFree(node);
        foreach (var lane in _lanes.Values.Where(lane => lane.Requirement.Fits(node, Options)))
        {
            lane.Uncount(node);
        }
    }

    private void ListFree(BoardNode node)
    {
        if (node.FreeCalls == 0)
        {
            return;
        }

        foreach (var lane in _lanes.Values.Where(lane => lane.Requirement.Fits(node, Options)))
        {
            lane.List(node);
        }

        if (node.Free == 0)
        {
            return;
        }

        FreeNodes++;
        foreach (var model in node.CachedModels)
        {
            ref var holders = ref CollectionsMarshal.GetValueRefOrAddDefault(_holders, model, out _);
            holders ??= new FreeNodes();
            holders.Add(node);
        }
    }

    private void UnlistFree(BoardNode node)
    {
        if (node.FreeCalls == 0)
        {
            return;
        }

        foreach (var lane in _lanes.Values.Where(lane => lane.Requirement.Fits(node, Options)))
        {
            lane.Unlist(node);
        }

        if (node.Free == 0)
        {
            return;
        }

        FreeNodes--;
        foreach (var model in node.CachedModels)
        {
            var holders = _holders[model];
            holders.Remove(node);
            if (holders.IsEmpty)
            {
                _holders.Remove(model);
            }
        }
    }
}
