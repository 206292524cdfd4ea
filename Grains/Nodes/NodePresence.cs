using System.Collections.Immutable;
using Orleans;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Nodes;

/// <summary>What the grid knows of a node right now. Only its standing (<see cref="NodeStanding"/>) is durable.</summary>
internal sealed record NodePresence
{
    /// <summary>A node that has not been heard of.</summary>
    public static NodePresence Away { get; } = new();

    /// <summary>The open session; null when disconnected.</summary>
    public Guid? Session { get; init; }

    /// <summary>What it said of itself when it last connected.</summary>
    public NodeProfile? Profile { get; init; }

    /// <summary>Its newest heartbeat.</summary>
    public NodeHeartbeat? Heartbeat { get; init; }

    /// <summary>The models that it has on disk.</summary>
    public IReadOnlyList<Sha256> CachedModels { get; init; } = [];

    /// <summary>Replicas that it can hold at once, by its newest heartbeat; 0 while its preferences let no work in.</summary>
    public int Capacity { get; init; }

    /// <summary>When it was last heard of.</summary>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>The leases that it holds.</summary>
    public ImmutableDictionary<LeaseId, HeldLease> Leases { get; init; } = ImmutableDictionary<LeaseId, HeldLease>.Empty;

    /// <summary>Replicas that ended since the last offer, for the dispatcher to learn from.</summary>
    public ImmutableList<FinishedReplica> Finished { get; init; } = [];

    /// <summary>The rhythm of its heartbeats in this session.</summary>
    public HeartbeatRhythm Rhythm { get; init; } = HeartbeatRhythm.Unknown;

    /// <summary>Whether it has been silent for longer than it usually is.</summary>
    public bool IsSuspected { get; init; }

    /// <summary>Verdicts that it has not been told yet, oldest first.</summary>
    public ImmutableList<VerdictMessage> Untold { get; init; } = [];

    /// <summary>The leases whose results were judged last, oldest first: a node that missed a verdict reports its lease again, which is not held a second time.</summary>
    public ImmutableList<LeaseId> Judged { get; init; } = [];

    /// <summary>The models that it was seen to use and is asked to prove, by the digests of their files.</summary>
    public ImmutableDictionary<Sha256, Possession> Possessions { get; init; } = ImmutableDictionary<Sha256, Possession>.Empty;

    /// <summary>
    /// The leases that ended before their verdict came, oldest first: a result that is accepted after all counts for its node.
    /// </summary>
    public ImmutableList<LeaseId> Late { get; init; } = [];

    /// <summary>The tier that the newest offer told of; null before the first, and for an operator node.</summary>
    public ReputationTier? TierTold { get; init; }

    /// <summary>The number of the newest offer, which grows, so that a dispatcher tells an old one from a new one.</summary>
    public long Offers { get; init; }
}

/// <summary>A lease as the node's grain follows it.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="State">How far it is.</param>
/// <param name="ChangedAt">When it reached that state.</param>
internal sealed record HeldLease(Lease Lease, ReplicaState State, DateTimeOffset ChangedAt)
{
    /// <summary>What is run on how many inputs, and how long that takes; null when the lease is from before the grain's activation.</summary>
    public HeldWork? Work { get; init; }

    /// <summary>The latest deadline that its job allows; null when that is not known or not limited.</summary>
    public DateTimeOffset? JobDeadline { get; init; }

    /// <summary>Inputs done, as the node says.</summary>
    public int Done { get; init; }

    /// <summary>Bytes of its blobs that the node has, as the node says, but never more than there are.</summary>
    public long Fetched { get; init; }

    /// <summary>When either last grew; from the beginning, when the lease was given or first reported.</summary>
    public DateTimeOffset GrownAt { get; init; } = ChangedAt;

    /// <summary>Whether it takes one of the node's slots.</summary>
    public bool TakesSlot => State is ReplicaState.Assigned or ReplicaState.Accepted or ReplicaState.Suspected or ReplicaState.Disconnected;
}

/// <summary>What a lease is for.</summary>
/// <param name="Model">The model.</param>
/// <param name="Manifest">What is run.</param>
/// <param name="Inputs">On how many inputs.</param>
/// <param name="Pace">How long such replicas take, as known when it was given.</param>
internal sealed record HeldWork(ModelRef Model, Sha256 Manifest, int Inputs, ReplicaPace? Pace)
{
    /// <summary>The size of all blobs that it needs.</summary>
    public long Bytes { get; init; }

    /// <summary>The model's file; null for a pipeline without one.</summary>
    public BlobRef? ModelFile { get; init; }
}

/// <summary>What is durable of a node.</summary>
[GenerateSerializer, Alias("PiGrid.NodeStanding")]
internal sealed record NodeStanding
{
    /// <summary>Who it is; null while it is not enrolled.</summary>
    [Id(0)]
    public NodeRecord? Record { get; init; }

    /// <summary>Whether the operator lets it take nothing new.</summary>
    [Id(1)]
    public bool Draining { get; init; }

    /// <summary>Why its owner is banned; null when not.</summary>
    [Id(2)]
    public string? BannedReason { get; init; }

    /// <summary>What became of its replicas; written from time to time.</summary>
    [Id(3)]
    public NodeTally Tally { get; init; } = new();

    /// <summary>How fast it is with the models that it ran lately, the latest first; written from time to time.</summary>
    [Id(4)]
    public ImmutableList<NodePace> Paces { get; init; } = [];

    /// <summary>What its checks and failures say of it; null before the first.</summary>
    [Id(5)]
    public Standing? Trust { get; init; }

    /// <summary>The same by model family, the one used last first.</summary>
    [Id(6)]
    public ImmutableList<FamilyStanding> Families { get; init; } = [];

    /// <summary>The results about which evidence came last, oldest first: each counts once for and once against the node.</summary>
    [Id(7)]
    public ImmutableList<EvidenceMark> Evidence { get; init; } = [];

    /// <summary>The last wrong result, in words.</summary>
    [Id(8)]
    public string? LastWrong { get; init; }

    /// <summary>Until when it gets no work; null when it may have some.</summary>
    [Id(9)]
    public DateTimeOffset? SuspendedUntil { get; init; }

    /// <summary>Why.</summary>
    [Id(10)]
    public string? SuspendedReason { get; init; }
}

/// <summary>What is known of a node with one family of models.</summary>
/// <param name="Family">The models' name, without a version.</param>
/// <param name="Trust">What is known.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.FamilyStanding")]
internal sealed record FamilyStanding([property: Id(0)] string Family, [property: Id(1)] Standing Trust);

/// <summary>A result about which evidence came.</summary>
/// <param name="Lease">Its lease.</param>
/// <param name="Wrong">Whether it was wrong.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.EvidenceMark")]
internal sealed record EvidenceMark([property: Id(0)] LeaseId Lease, [property: Id(1)] bool Wrong);
