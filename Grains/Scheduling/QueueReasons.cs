namespace PiGrid.Grains.Scheduling;

/// <summary>
/// Why a replica waits, and with that what would let it run, in words for its requester. Made for one look at the board: the reason that no
/// node fits a lane is worked out once for all that wait in it.
/// </summary>
internal sealed class QueueReasons(DispatchBoard board)
{
    private const string NoOperator = "no operator node is connected; start one with the operator's node token";

    private readonly Dictionary<Requirement, string> _nothingFits = [];
    private readonly Dictionary<(Requirement, PlacementTerms), Allowed> _allowed = [];

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

        var allowed = AllowedIn(lane, replica);
        if (allowed.Nodes == 0)
        {
            return NothingIsAllowed(replica);
        }

        var barred = BarredBy(replica, allowed);
        var missing = Missing(replica, allowed, barred);
        if (missing > 0)
        {
            var trusted = replica.Requirement.Privacy == PrivacyClass.Trusted ? "trusted " : "";
            return missing == 1 ? $"1 more {trusted}node of another owner is needed" : $"{missing} more {trusted}nodes of other owners are needed";
        }

        var passedOver = replica.Request.ExcludedNodes.Distinct().Select(board.FindNode)
            .Count(node => node is not null && !barred.Contains(node.Owner) && IsAllowed(replica, node));
        var alike = Alike(replica, barred);
        var open = allowed.Nodes - barred.Sum(owner => allowed.NodesOf[owner]);
        if (alike > 0 && alike == open)
        {
            return "its results have to come from distinct regions and hardware classes, and every other node shares one with a node that has returned one";
        }

        var suitable = open - passedOver;
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
        var allowed = AllowedIn(board.LaneOf(replica), replica);
        return replica.Request.Only is null && Missing(replica, allowed, BarredBy(replica, allowed)) > 0;
    }

    private static HashSet<OwnerId> BarredBy(WaitingReplica replica, Allowed allowed) => replica.BarredOwners().Where(allowed.NodesOf.ContainsKey).ToHashSet();

    private static int Missing(WaitingReplica replica, Allowed allowed, HashSet<OwnerId> barred) =>
        replica.Shard.Waiting.Count(r => !r.Request.Hedge && r.Request.Operator == replica.Request.Operator) - (allowed.NodesOf.Count - barred.Count);

    private bool IsAllowed(WaitingReplica replica, BoardNode node) =>
        replica.Requirement.Fits(node, board.Options) && PlacementRules.IsWithin(replica.Request.Placement, node.Profile);

    /// <summary>The lane's nodes that are in the replica's regions and within its price limit.</summary>
    private Allowed AllowedIn(Lane lane, WaitingReplica replica)
    {
        if (replica.Request.Placement is not { } terms || terms is { Regions.Count: 0, PriceLimit: null })
        {
            return new(lane.NodesOf, lane.Nodes);
        }

        if (!_allowed.TryGetValue((replica.Requirement, terms), out var allowed))
        {
            var nodesOf = board.Nodes.Where(node => IsAllowed(replica, node)).GroupBy(node => node.Owner).ToDictionary(nodes => nodes.Key, nodes => nodes.Count());
            allowed = new(nodesOf, nodesOf.Values.Sum());
            _allowed.Add((replica.Requirement, terms), allowed);
        }

        return allowed;
    }

    /// <summary>Nodes fit, but none is where the requester wants it, or cheap enough.</summary>
    private string NothingIsAllowed(WaitingReplica replica)
    {
        var terms = replica.Request.Placement!;
        var there = board.Nodes.Where(node => replica.Requirement.Fits(node, board.Options) && PlacementRules.IsThere(terms, node.Profile)).ToList();
        return there.Count == 0
            ? $"no suitable node is in the region {string.Join(" or ", terms.Regions)}"
            : $"the price limit is {terms.PriceLimit} credits an hour of a slot; the cheapest suitable node asks {there.Min(node => node.Profile.PricePerHour)}";
    }

    /// <summary>Nodes, beside those of barred owners, that share a region or a hardware class with one that the replica must differ from.</summary>
    private int Alike(WaitingReplica replica, HashSet<OwnerId> barred) =>
        replica.Request is { ExcludedRegions.Count: 0, ExcludedHardwareClasses.Count: 0 }
            ? 0
            : board.Nodes.Count(node => !barred.Contains(node.Owner) && IsAllowed(replica, node) && replica.IsAlike(node));

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
                WorkKind.Run => requirement.Privacy switch
                {
                    PrivacyClass.Public => "no node is connected",
                    PrivacyClass.Trusted => "no trusted node is connected, and the privacy class 'trusted' allows no other; nodes become trusted as their results pass checks",
                    PrivacyClass.Private => $"{NoOperator} (the privacy class 'private' allows no other)",
                },
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

    /// <summary>Nodes that a replica's requester allows.</summary>
    /// <param name="NodesOf">How many each owner has.</param>
    /// <param name="Nodes">How many there are.</param>
    private sealed record Allowed(IReadOnlyDictionary<OwnerId, int> NodesOf, int Nodes);
}
