using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid;

/// <summary>
/// Matches replicas that are wanted with nodes that are free. Soft state only: shards ask again and nodes offer again, so it may vanish at any
/// time. The key is a partition (<c>DispatcherPartitions</c>).
/// </summary>
[Alias("PiGrid.IDispatcherGrain")]
public interface IDispatcherGrain : IGrainWithStringKey
{
    /// <summary>From a shard: one replica is wanted. Asking again with the same request id changes nothing.</summary>
    [OneWay, Alias("Want")]
    Task Want(ReplicaRequest request);

    /// <summary>From a shard: these requests are no longer wanted.</summary>
    [OneWay, Alias("Withdraw")]
    Task Withdraw(IReadOnlyList<Guid> requests);

    /// <summary>From a node: what it offers now; an offer without free slots withdraws it.</summary>
    [OneWay, Alias("Offer")]
    Task Offer(NodeOffer offer);

    /// <summary>What can be expected for a requester's work, on the nodes that its terms allow.</summary>
    [Alias("Forecast")]
    Task<WorkForecast> Forecast(WorkTemplate work, PlacementTerms? placement, string requester);

    /// <summary>What waits and why.</summary>
    [Alias("GetBacklog")]
    Task<DispatcherBacklog> GetBacklog();

    /// <summary>How many nodes there are of each kind.</summary>
    [Alias("GetCensus")]
    Task<NodeCensus> GetCensus();
}

/// <summary>One replica that a shard wants.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ReplicaRequest")]
public sealed record ReplicaRequest
{
    /// <summary>The request's id, chosen by the shard.</summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>The shard.</summary>
    [Id(1)]
    public required ShardId Shard { get; init; }

    /// <summary>The work, which the node's grain makes an assignment of.</summary>
    [Id(2)]
    public required WorkOrder Order { get; init; }

    /// <summary>Owners that have or had a replica of the shard.</summary>
    [Id(3)]
    public required IReadOnlyList<OwnerId> ExcludedOwners { get; init; }

    /// <summary>Nodes that declined or failed the shard, in case their owner is not excluded.</summary>
    [Id(4)]
    public IReadOnlyList<NodeId> ExcludedNodes { get; init; } = [];

    /// <summary>The only hardware class allowed, for exact comparators once a first replica has a class; any when null.</summary>
    [Id(5)]
    public string? HardwareClass { get; init; }

    /// <summary>When the shard first asked; older requests are served first.</summary>
    [Id(6)]
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>The latest instant at which the lease may end; null for the default lease.</summary>
    [Id(7)]
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Whether it is wanted against slowness only: given within the budget of extra replicas, never explained.</summary>
    [Id(8)]
    public bool Hedge { get; init; }

    /// <summary>Whose job it is: requesters share the nodes' time equally. Empty for the grid's own work.</summary>
    [Id(9)]
    public string Requester { get; init; } = "";

    /// <summary>What goes first among one requester's replicas.</summary>
    [Id(10)]
    public JobPriority Priority { get; init; }

    /// <summary>Of a hedge: few shards of its job are left, so a node with nothing else to do may have it whatever the budget says.</summary>
    [Id(11)]
    public bool Tail { get; init; }

    /// <summary>Whether only an operator node may have it: an audit, or the first look at a ringer.</summary>
    [Id(12)]
    public bool Operator { get; init; }

    /// <summary>Regions whose nodes may not have it: a critical job's results come from distinct ones.</summary>
    [Id(13)]
    public IReadOnlyList<string> ExcludedRegions { get; init; } = [];

    /// <summary>Hardware classes whose nodes may not have it: a critical job's results come from distinct ones.</summary>
    [Id(14)]
    public IReadOnlyList<string> ExcludedHardwareClasses { get; init; } = [];

    /// <summary>The bytes of all inputs of the order when these are in no blob store: they travel inside the assignment. Empty otherwise.</summary>
    [Id(16)]
    public IReadOnlyList<byte[]> Inline { get; init; } = [];

    /// <summary>The only node that may have it: it opens what it alone has committed itself to; any when null.</summary>
    [Id(17)]
    public NodeId? Only { get; init; }

    /// <summary>The W3C trace context of its shard or call; null when that is not traced. No node sees it.</summary>
    [Id(18)]
    public string? Trace { get; init; }

    /// <summary>Which nodes its requester allows; any when null. No node sees them.</summary>
    [Id(19)]
    public PlacementTerms? Placement { get; init; }
}

/// <summary>What a node offers a dispatcher.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeOffer")]
public sealed record NodeOffer
{
    /// <summary>The node.</summary>
    [Id(0)]
    public required NodeId Node { get; init; }

    /// <summary>Who answers for it.</summary>
    [Id(1)]
    public required OwnerId Owner { get; init; }

    /// <summary>Replicas that it can take now; 0 withdraws it.</summary>
    [Id(2)]
    public required int FreeSlots { get; init; }

    /// <summary>Its profile.</summary>
    [Id(3)]
    public required NodeProfile Profile { get; init; }

    /// <summary>Whether it belongs to the operator.</summary>
    [Id(4)]
    public required bool Operator { get; init; }

    /// <summary>The models that it has on disk.</summary>
    [Id(5)]
    public required IReadOnlyList<Sha256> CachedModels { get; init; }

    /// <summary>Grows with every offer of the node, so that a late one is told from a new one.</summary>
    [Id(6)]
    public required long Sequence { get; init; }

    /// <summary>False when the node takes no work whatever its slots: not connected, drained, paused or banned. One that is merely busy stays available.</summary>
    [Id(7)]
    public bool Available { get; init; } = true;

    /// <summary>Replicas that ended since the last offer, with the time that they took; from these the dispatcher learns what is slow.</summary>
    [Id(8)]
    public IReadOnlyList<FinishedReplica> Finished { get; init; } = [];

    /// <summary>How probable it is that it stays connected for <c>Nodes:StayHorizon</c>, by its history; 0 to 1.</summary>
    [Id(9)]
    public double Stays { get; init; } = 1;

    /// <summary>How the node stands, to be counted.</summary>
    [Id(10)]
    public NodeState State { get; init; } = NodeState.Online;

    /// <summary>How far it is believed: some work is for trusted nodes alone. Null for an operator node.</summary>
    [Id(11)]
    public ReputationTier? Tier { get; init; }

    /// <summary>Replicas of online calls that it can take now: those that run at once, and those that wait on it for the next free slot. Not less than <see cref="FreeSlots"/> counts.</summary>
    [Id(12)]
    public int FreeCalls { get; init; }
}

/// <summary>How long a replica took, from its assignment to its result.</summary>
/// <param name="Manifest">What was run.</param>
/// <param name="Inputs">On how many inputs.</param>
/// <param name="Took">The time; of a replica that was taken back because it was slow, the time until then.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.FinishedReplica")]
public sealed record FinishedReplica([property: Id(0)] Sha256 Manifest, [property: Id(1)] int Inputs, [property: Id(2)] TimeSpan Took);

/// <summary>What can be expected for work of one kind.</summary>
/// <param name="Slots">How many replicas the connected nodes that fit could run at once, busy or not.</param>
/// <param name="Rivals">How many other requesters have replicas waiting: each has an equal share of the slots.</param>
/// <param name="PerInput">How long one input takes, as seen lately; null when too little is known.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.WorkForecast")]
public sealed record WorkForecast([property: Id(0)] int Slots, [property: Id(1)] int Rivals, [property: Id(2)] TimeSpan? PerInput)
{
    /// <summary>Whether an operator node is connected that could check such work.</summary>
    [Id(3)]
    public bool HasOperator { get; init; }

    /// <summary>Whose nodes fit: the number of owners, counted no further than 2.</summary>
    [Id(4)]
    public int Owners { get; init; }
}

/// <summary>What waits in a dispatcher.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.DispatcherBacklog")]
public sealed record DispatcherBacklog
{
    /// <summary>Requests that wait.</summary>
    [Id(0)]
    public required int Waiting { get; init; }

    /// <summary>Nodes with free slots.</summary>
    [Id(1)]
    public required int FreeNodes { get; init; }

    /// <summary>Why the oldest waits; null when nothing does.</summary>
    [Id(2)]
    public string? Reason { get; init; }

    /// <summary>When the oldest was asked for; null when nothing waits.</summary>
    [Id(3)]
    public DateTimeOffset? OldestAskedAt { get; init; }
}
