namespace PiGrid.Grains.Scheduling;

/// <summary>
/// Who gets this replica? A node may have it if it can run it (<see cref="Requirement"/>), has a free slot, neither it nor its owner is
/// barred from the shard, and the requester's terms allow it (<see cref="PlacementRules"/>). Of these, <see cref="NodePreference"/> picks one; of
/// nodes with equally many replicas, one that has the model on disk goes first. An online call for which there is no free slot may wait on a node for its
/// next one, so that its input is there by then. A node that becomes free takes the oldest replica that it may have, of the requester who has had the least of the nodes' time: one
/// that cannot be placed blocks no other.
/// <para>
/// After every event the board is at rest: no free node may have any waiting replica (see <see cref="Lane"/>), hedges only as far as the budget
/// (<see cref="HedgeBudget"/>) goes; those in the tails of jobs also where a node would have nothing to do. Same events, same decisions.
/// </para>
/// </summary>
internal static class DispatchRules
{
    private static readonly Comparer<WaitingReplica?> Turn = Comparer<WaitingReplica?>.Create((x, y) =>
    {
        var order = x!.Account.CompareTo(y!.Account);
        return order != 0 ? order : x.CompareTo(y);
    });

    /// <summary>Takes an event in; gives what is to be done, in order.</summary>
    /// <param name="board">What the dispatcher knows; it is changed.</param>
    /// <param name="happened">The event.</param>
    /// <param name="now">The instant of the event; never before that of an earlier event.</param>
    public static IReadOnlyList<DispatchCommand> Apply(DispatchBoard board, DispatchEvent happened, DateTimeOffset now)
    {
        var commands = new List<DispatchCommand>();
        switch (happened)
        {
            case DispatchEvent.Wanted wanted:
                Want(board, wanted.Request, now, commands);
                break;
            case DispatchEvent.Withdrawn withdrawn:
                if (board.FindReplica(withdrawn.Request) is { } unwanted)
                {
                    board.Withdraw(unwanted, now);
                }

                break;
            case DispatchEvent.Offered offered:
                Learn(board, offered.Offer);
                if (board.FindNode(offered.Offer.Node) is not { } known || known.Sequence < offered.Offer.Sequence)
                {
                    Fill(board, board.Put(offered.Offer), commands);
                }

                break;
            case DispatchEvent.Assigned assigned:
                Settle(board, assigned, now, commands);
                break;
            case DispatchEvent.Refused refused:
                PutBack(board, refused, now, commands);
                break;
            case DispatchEvent.TimePassed:
                Tidy(board, now, commands);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(happened), happened, "Unknown dispatch event.");
        }

        return commands;
    }

    /// <summary>What waits, and why the oldest does.</summary>
    public static DispatcherBacklog Backlog(DispatchBoard board)
    {
        var oldest = Oldest(board);
        return new DispatcherBacklog
        {
            Waiting = board.Waiting,
            FreeNodes = board.FreeNodes,
            Reason = oldest is null ? null : QueueReasons.Explain(board, oldest),
            OldestAskedAt = oldest?.Request.AskedAt,
        };
    }

    /// <summary>Since when the oldest replica waits, hedges apart; null when none does.</summary>
    public static DateTimeOffset? OldestAskedAt(DispatchBoard board) => Oldest(board)?.Request.AskedAt;

    private static WaitingReplica? Oldest(DispatchBoard board) =>
        board.Lanes.Where(lane => !lane.Requirement.IsHedge).SelectMany(lane => lane.Firsts).MinBy(replica => replica.Request.AskedAt);

    private static void Learn(DispatchBoard board, NodeOffer offer)
    {
        foreach (var finished in offer.Finished.Where(finished => finished.Took > TimeSpan.Zero))
        {
            if (board.Paces.Of(finished.Manifest, finished.Inputs) is { } pace)
            {
                board.FindNode(offer.Node)?.Learn(finished.Took, pace.Typical);
            }

            board.Paces.Learn(finished);
        }
    }

    /// <summary>What can be expected for work of this kind.</summary>
    public static WorkForecast Forecast(DispatchBoard board, WorkTemplate work, PlacementTerms? placement, string requester)
    {
        var requirement = Requirement.Of(work, placement);
        var audit = requirement with { IsAudit = true };
        var allowed = board.Nodes.Where(node => PlacementRules.IsWithin(placement, node.Profile));
        return new(allowed.Where(node => requirement.Fits(node, board.Options)).Sum(node => node.Profile.Slots), board.RivalsOf(requester), board.Paces.PerInput(work.Manifest.Sha256))
        {
            HasOperator = allowed.Any(node => audit.Fits(node, board.Options)),
            Owners = allowed.Where(node => requirement.Fits(node, board.Options)).Select(node => node.Owner).Distinct().Take(2).Count(),
        };
    }

    private static void Want(DispatchBoard board, ReplicaRequest request, DateTimeOffset now, List<DispatchCommand> commands)
    {
        if (board.FindReplica(request.Id) is { } known)
        {
            known.RenewedAt = now;
        }
        else if (board.IsFull)
        {
            commands.Add(new DispatchCommand.Explain(request.Shard, QueueReasons.Full(board.Options)));
        }
        else
        {
            TryPlace(board, board.Add(request, now), commands);
        }
    }

    /// <summary>The node took it. What it offered since may hold one more slot than was counted.</summary>
    private static void Settle(DispatchBoard board, DispatchEvent.Assigned assigned, DateTimeOffset now, List<DispatchCommand> commands)
    {
        if (board.FindReplica(assigned.Request) is { } replica && replica.Given?.Node == assigned.Node)
        {
            var node = board.FindNode(assigned.Node);
            board.Settle(node, replica, now);
            Fill(board, node, commands);
            PlaceHedges(board, commands);
        }
    }

    /// <summary>The node did not take it: it and the shard's other replicas may go to others, also of the same owner.</summary>
    private static void PutBack(DispatchBoard board, DispatchEvent.Refused refused, DateTimeOffset now, List<DispatchCommand> commands)
    {
        if (board.FindReplica(refused.Request) is not { } replica || replica.Given?.Node != refused.Node)
        {
            return;
        }

        var node = board.FindNode(refused.Node);
        board.PutBack(node, replica, refused.ForThisShard, now);
        Fill(board, node, commands);
        foreach (var sibling in replica.Shard.Waiting.Order().ToArray())
        {
            TryPlace(board, sibling, commands);
        }

        PlaceHedges(board, commands);
    }

    /// <summary>The budget may have grown: the oldest hedges that fit a free node are given.</summary>
    private static void PlaceHedges(DispatchBoard board, List<DispatchCommand> commands)
    {
        while (board.Hedges.Allows && OldestHedge(board) is { } hedge)
        {
            Give(board, hedge.Node, hedge.Replica, commands);
        }
    }

    private static (WaitingReplica Replica, BoardNode Node)? OldestHedge(DispatchBoard board) => board.Lanes
        .Where(lane => lane.Requirement.IsHedge && lane.Waiting > 0 && lane.HasRoom)
        .SelectMany(lane => lane.Replicas.Take(board.Options.HedgesTriedMax))
        .OrderBy(replica => replica.Request.AskedAt)
        .Select(replica => BestFor(board, replica) is { } node ? (replica, node) : ((WaitingReplica, BoardNode)?)null)
        .FirstOrDefault(found => found is not null);

    /// <summary>Gives a waiting replica to the best node that may have it; otherwise it goes on waiting.</summary>
    private static void TryPlace(DispatchBoard board, WaitingReplica replica, List<DispatchCommand> commands)
    {
        // A node that is free had nothing else to do before.
        if (replica.Given is null && (MayBeGiven(board, replica.Requirement) || MayFillIdleness(board, replica.Requirement)) && BestFor(board, replica) is { } node)
        {
            Give(board, node, replica, commands);
        }
    }

    /// <summary>Gives the node the replicas whose turn it is, of those that it may have, as long as it can take any.</summary>
    private static void Fill(DispatchBoard board, BoardNode? node, List<DispatchCommand> commands)
    {
        while (node is { FreeCalls: > 0 }
            && (NextFor(board, node, requirement => MayBeGiven(board, requirement)) ?? NextFor(board, node, requirement => MayFillIdleness(board, requirement))) is { } replica)
        {
            Give(board, node, replica, commands);
        }
    }

    private static BoardNode? BestFor(DispatchBoard board, WaitingReplica replica)
    {
        if (replica.Request.Only is { } only)
        {
            return board.FindNode(only) is { } node && replica.Requirement.FreeOn(node) > 0 && replica.Requirement.Fits(node, board.Options) && !replica.Excludes(node) ? node : null;
        }

        var lane = board.LaneOf(replica);
        var best = lane.Free.BestFor(replica);
        if (best is null || replica.Request.Order.Work.ModelFile is not { } model)
        {
            return best ?? lane.Ahead.BestFor(replica);
        }

        var holder = board.HoldersOf(model.Sha256)?.BestFor(replica, node => replica.Requirement.Fits(node, board.Options));
        return holder is not null && NodePreference.CompareLoad(holder, best) <= 0 ? holder : best;
    }

    private static bool MayBeGiven(DispatchBoard board, Requirement requirement) => !requirement.IsHedge || board.Hedges.Allows;

    private static bool MayFillIdleness(DispatchBoard board, Requirement requirement) => requirement.IsTail && board.Options.HedgeShare > 0;

    private static WaitingReplica? NextFor(DispatchBoard board, BoardNode node, Func<Requirement, bool> isMeant) => board.Lanes
        .Where(lane => lane.Waiting > 0 && isMeant(lane.Requirement) && lane.Requirement.FreeOn(node) > 0 && lane.Requirement.Fits(node, board.Options))
        .Select(lane => lane.NextFor(node))
        .Where(replica => replica is not null)
        .Min(Turn);

    private static void Give(DispatchBoard board, BoardNode node, WaitingReplica replica, List<DispatchCommand> commands)
    {
        board.Give(node, replica);
        commands.Add(new DispatchCommand.Assign(node.Id, replica.Request, board.Paces.Of(replica.Request)));
        if (replica.Shard.Waiting.All(r => r.Request.Hedge))
        {
            Tell(replica.Shard, null, commands);
        }
    }

    /// <summary>Explains what waits, a part in each period; forgets what is over.</summary>
    private static void Tidy(DispatchBoard board, DateTimeOffset now, List<DispatchCommand> commands)
    {
        var reasons = new QueueReasons(board);
        foreach (var shard in board.NextInRotation())
        {
            foreach (var forgotten in shard.Waiting.Where(r => r.RenewedAt + board.Options.RequestLifetime < now).ToArray())
            {
                board.Withdraw(forgotten, now);
            }

            if (shard.Waiting.Where(r => !r.Request.Hedge).Min() is { } oldest && oldest.ReceivedAt + board.Options.ExplainAfter <= now)
            {
                Tell(shard, reasons.Of(oldest), commands, reasons.LacksOwners(oldest));
            }
        }

        foreach (var shard in board.Forget(now))
        {
            Tell(shard, null, commands);
        }

        // A node that goes on as it is has no reason of its own to offer again.
        commands.AddRange(board.Voided(now).Select(node => new DispatchCommand.AskOffer(node)));
    }

    private static void Tell(BoardShard shard, string? reason, List<DispatchCommand> commands, bool lacksOwners = false)
    {
        if (shard.Told != reason)
        {
            shard.Told = reason;
            commands.Add(new DispatchCommand.Explain(shard.Id, reason, lacksOwners));
        }
    }
}
