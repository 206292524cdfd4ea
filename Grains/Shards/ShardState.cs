using System.Collections.Immutable;
using PiGrid.Grains.Shards.Segments;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Grains.Verification;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>A shard's whole life in memory. Only its end is durable; the rest is rebuilt from the job and from what nodes report.</summary>
internal sealed record ShardState
{
    /// <summary>Before the job has opened it.</summary>
    public static ShardState New { get; } = new();

    /// <summary>The state of its life.</summary>
    public ShardPhase Phase { get; init; }

    /// <summary>What the job said; null before it is opened.</summary>
    public ShardSpec? Spec { get; init; }

    /// <summary>When the job opened it: its place among those that wait for a node.</summary>
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>Every replica wanted or issued, oldest first.</summary>
    public ImmutableList<Replica> Replicas { get; init; } = [];

    /// <summary>The canonical output, once accepted.</summary>
    public ShardOutput? Canonical { get; init; }

    /// <summary>The digest of the canonical output, once accepted.</summary>
    public Sha256? CanonicalDigest { get; init; }

    /// <summary>What became of each result that was compared, for nodes that ask again.</summary>
    public ImmutableDictionary<LeaseId, Verdict> Verdicts { get; init; } = ImmutableDictionary<LeaseId, Verdict>.Empty;

    /// <summary>Why replicas cannot be placed; null when they can.</summary>
    public string? Blocked { get; init; }

    /// <summary>Replicas that were given to a node, whatever became of them.</summary>
    public int Issued { get; init; }

    /// <summary>Those of them that were hedges.</summary>
    public int Hedges { get; init; }

    /// <summary>Whether the job waits for few shards only.</summary>
    public bool IsTail { get; init; }

    /// <summary>How many results of distinct owners have to agree.</summary>
    public int Agreeing { get; init; } = 1;

    /// <summary>Whether an operator node's word is wanted whatever the results say.</summary>
    public bool Audit { get; init; }

    /// <summary>Whether an operator node is there, as far as the job knows.</summary>
    public bool Audits { get; init; }

    /// <summary>Whether no other owner has a node that could repeat the result.</summary>
    public bool LacksOwners { get; init; }

    /// <summary>Since when an operator node's word is waited for; null when it is not.</summary>
    public DateTimeOffset? AuditAskedAt { get; init; }

    /// <summary>Whether that word did not come in time.</summary>
    public bool Forgone { get; init; }

    /// <summary>Owners that were found to lie: their results count for nothing.</summary>
    public ImmutableHashSet<OwnerId> Distrusted { get; init; } = [];

    /// <summary>The results about which a check has said something, and been told to their nodes; true for those that an operator node judged.</summary>
    public ImmutableDictionary<LeaseId, bool> Checked { get; init; } = ImmutableDictionary<LeaseId, bool>.Empty;

    /// <summary>What an operator node said of volunteers' results.</summary>
    public ImmutableList<ShardJudgement> Judged { get; init; } = [];

    /// <summary>The even number of the newest step; what is asked for in it carries the odd one after it, as it comes after the results of the step.</summary>
    public long Step { get; init; }

    /// <summary>Whether the operator node's word that is wanted is a spot check: a part of a run may do.</summary>
    public bool Spot { get; init; }

    /// <summary>Whether a part of its result's run was seen to be right.</summary>
    public bool Spotted { get; init; }

    /// <summary>The spot check by segments that is under way.</summary>
    public SegmentCheck? Segments { get; init; }

    /// <summary>The results whose spot check by segments is over, whatever came of it: there is one for each.</summary>
    public ImmutableHashSet<LeaseId> Opened { get; init; } = [];

    /// <summary>Which of the results so far agree, so that no two are compared twice.</summary>
    public AgreementGraph? Agreement { get; init; }
}

/// <summary>The phases of a shard; the last two are terminal.</summary>
internal enum ShardPhase
{
    /// <summary>Not opened yet.</summary>
    New,

    /// <summary>Wants results.</summary>
    Open,

    /// <summary>Has its canonical result.</summary>
    Accepted,

    /// <summary>Given up, by its own bounds or by its job.</summary>
    GivenUp,
}

/// <summary>One replica, from the wish for it to its end.</summary>
internal sealed record Replica
{
    /// <summary>The dispatcher request.</summary>
    public required Guid Request { get; init; }

    /// <summary>How far it is; null while it is wanted and no node has it.</summary>
    public ReplicaState? State { get; init; }

    /// <summary>When the replica was asked for.</summary>
    public DateTimeOffset AskedAt { get; init; }

    /// <summary>Whether it is wanted, or was issued, against the slowness of others.</summary>
    public bool IsHedge { get; init; }

    /// <summary>Whether it is an operator node's, whose word decides.</summary>
    public bool IsAudit { get; init; }

    /// <summary>The node's region; from the assignment on.</summary>
    public string Region { get; init; } = "unknown";

    /// <summary>Checks that its node had passed when its result came.</summary>
    public int Passed { get; init; }

    /// <summary>The step in which it was asked for; 0 when that is not known.</summary>
    public long AskedIn { get; init; }

    /// <summary>The step in which its result came.</summary>
    public long ReturnedIn { get; init; }

    /// <summary>When it was asked for and when its result came.</summary>
    public Commitment Commitment => new(AskedIn, ReturnedIn);

    /// <summary>When it was given to its node.</summary>
    public DateTimeOffset GivenAt { get; init; }

    /// <summary>How long replicas of its kind take; null when that is not known.</summary>
    public ReplicaPace? Pace { get; init; }

    /// <summary>The lease; from the assignment on.</summary>
    public LeaseId? Lease { get; init; }

    /// <summary>The node; from the assignment on.</summary>
    public NodeId? Node { get; init; }

    /// <summary>Who answers for the node.</summary>
    public OwnerId? Owner { get; init; }

    /// <summary>The node's hardware class.</summary>
    public string? HardwareClass { get; init; }

    /// <summary>When the lease ends.</summary>
    public DateTimeOffset Deadline { get; init; }

    /// <summary>Whether its node has not been heard of since it was suspected: that its connection then ends gives it no time to come back.</summary>
    public bool IsSilent { get; init; }

    /// <summary>When the current state was reached.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Why it ended.</summary>
    public string? Reason { get; init; }

    /// <summary>What came back.</summary>
    public ReturnedResult? Result { get; init; }

    /// <summary>Wanted, and no node has it yet.</summary>
    public bool IsWanted => State is null;

    /// <summary>A node has it and a result may come.</summary>
    public bool IsLive => State is ReplicaState.Assigned or ReplicaState.Accepted or ReplicaState.Suspected or ReplicaState.Disconnected;
}

/// <summary>A result with its output read and checked.</summary>
/// <param name="Signed">The result as the node signed it.</param>
/// <param name="Output">Its output.</param>
internal sealed record ReturnedResult(SignedResult Signed, ShardOutput Output);
