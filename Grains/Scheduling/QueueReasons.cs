namespace PiGrid.Grains.Scheduling;

/// <summary>
/// Why a replica waits, and with that what would let it run, in words for its requester. Made for one look at the board: the reason that no
/// node fits a lane is worked out once for all that wait in it.
/// </summary>
internal sealed class QueueReasons(DispatchBoard board)
{
    private const string NoOperator = "no operator node is connected; start one with the operator's node token";

    private readonly Dictionary<Requirement, string> _nothingFits = [];

    /// <summary>Why the dispatcher takes in nothing more.</summary>
    public static string Full(SchedulingOptions options) =>
        $"{options.WaitingMax} replicas wait already (Scheduling:WaitingMax); this one is asked for again later";

    /// <summary>Why one replica waits.</summary>
    public static string Explain(DispatchBoard board, WaitingReplica replica) => new QueueReasons(board).Of(replica);

    /// <summary>Why a replica waits.</summary>
    public string Of(WaitingReplica replica)
    {
        var lane = board.LaneOf(replica);
        if (lane.Nodes == 0)
        {
            return NothingFits(replica.Requirement);
        }

        if (replica.Request.Only is not null)
        {
            return "the node that is to open segments is busy or not connected";
        }

        var barred = BarredIn(lane, replica);
        var missing = Missing(lane, replica, barred);
        if (missing > 0)
        {
            return missing == 1 ? "1 more node of another owner is needed" : $"{missing} more nodes of other owners are needed";
        }

        var passedOver = replica.Request.ExcludedNodes.Distinct().Select(board.FindNode)
            .Count(node => node is not null && !barred.Contains(node.Owner) && replica.Requirement.Fits(node, board.Options));
        var alike = Alike(replica, barred);
        if (alike > 0 && alike == lane.Nodes - barred.Sum(owner => lane.NodesOf[owner]))
        {
            return "its results have to come from distinct regions and hardware classes, and every other node shares one with a node that has returned one";
        }

        var suitable = lane.Nodes - barred.Sum(owner => lane.NodesOf[owner]) - passedOver;
        return suitable switch
        {
            <= 0 => "the nodes that could run it declined or failed it a moment ago; they are asked again soon",
            1 => "the only suitable node is busy",
            _ => $"all {suitable} suitable nodes are busy",
        };
    }

    /// <summary>Whether it waits because no other owner has a node that fits, and not because those that fit are busy.</summary>
    public bool LacksOwners(WaitingReplica replica)
    {
        var lane = board.LaneOf(replica);
        return replica.Request.Only is null && Missing(lane, replica, BarredIn(lane, replica)) > 0;
    }

    private static HashSet<OwnerId> BarredIn(Lane lane, WaitingReplica replica) => replica.BarredOwners().Where(lane.NodesOf.ContainsKey).ToHashSet();

    private static int Missing(Lane lane, WaitingReplica replica, HashSet<OwnerId> barred) =>
        replica.Shard.Waiting.Count(r => !r.Request.Hedge && r.Request.Operator == replica.Request.Operator) - (lane.NodesOf.Count - barred.Count);

    /// <summary>Nodes, beside those of barred owners, that share a region or a hardware class with one that the replica must differ from.</summary>
    private int Alike(WaitingReplica replica, HashSet<OwnerId> barred) =>
        replica.Request is { ExcludedRegions.Count: 0, ExcludedHardwareClasses.Count: 0, Regions.Count: 0 }
            ? 0
            : board.Nodes.Count(node => !barred.Contains(node.Owner) && replica.Requirement.Fits(node, board.Options) && replica.IsAlike(node));

    private string NothingFits(Requirement requirement)
    {
        if (!_nothingFits.TryGetValue(requirement, out var reason))
        {
            reason = WhyNothingFits(requirement);
            _nothingFits.Add(requirement, reason);
        }

        return reason;
    }

    private string WhyNothingFits(Requirement requirement)
    {
        var nodes = board.Nodes.Where(node => requirement.IsFor(node, board.Options)).ToList();
        if (nodes.Count == 0)
        {
            return requirement.Kind switch
            {
                WorkKind.Validate or WorkKind.Audit => NoOperator,
                WorkKind.Open => "the node that is to open segments is not connected",
                WorkKind.Run when requirement.IsAudit => NoOperator,
                WorkKind.Run => "no node is connected",
            };
        }

        nodes.RemoveAll(node => !requirement.Accepts(node));
        if (nodes.Count == 0)
        {
            return $"no connected node accepts the category '{requirement.Category}'";
        }

        if (!nodes.Exists(requirement.HasMemory))
        {
            return $"it needs {requirement.MemoryMib} MiB of memory; the largest suitable node has {nodes.Max(node => node.Profile.MemoryMib)}";
        }

        return $"results are compared exactly, and no suitable node has the hardware class '{requirement.HardwareClass}' of the first one";
    }
}
