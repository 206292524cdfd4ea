using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid;

/// <summary>A volunteer's node: its session, leases and standing. The key is its <see cref="NodeId"/>.</summary>
[Alias("PiGrid.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>From the gateway: registers the node. Enrolling an enrolled node again with the same key changes nothing.</summary>
    [Alias("Enrol")]
    Task<NodeRecord> Enrol(NodeRecord record);

    /// <summary>Who the node is; null when it is not enrolled.</summary>
    [Alias("GetRecord")]
    Task<NodeRecord?> GetRecord();

    /// <summary>From the gateway: a proven connection. The newest session wins; an older one is closed.</summary>
    [Alias("Connect")]
    Task<ConnectOutcome> Connect(NodeConnection connection);

    /// <summary>From the gateway: the session's socket is closed; <paramref name="bySilo"/> when the silo stops, which says nothing of the node.</summary>
    [Alias("Disconnect")]
    Task Disconnect(Guid session, string reason, bool bySilo);

    /// <summary>
    /// From the gateway: a heartbeat of that session. False when this grain does not know the session, as when the silo that it was on is gone: then the
    /// node is to connect again, with the leases that it holds.
    /// </summary>
    [Alias("Heartbeat")]
    Task<bool> Heartbeat(Guid session, NodeHeartbeat heartbeat);

    /// <summary>From the gateway: the node accepts, declines or fails a lease.</summary>
    [OneWay, Alias("LeaseChanged")]
    Task LeaseChanged(Guid session, LeaseId lease, ReplicaState state, string? reason);

    /// <summary>From the gateway: a result. Its signature and lease are checked here; what is invalid is answered at once.</summary>
    [Alias("Result")]
    Task<ResultReceipt> Result(Guid session, SignedResult result);

    /// <summary>From the gateway: the node answers the <see cref="ModelChallenge"/> with this nonce, by its digest or with a reason.</summary>
    [OneWay, Alias("ModelProof")]
    Task ModelProof(Guid session, byte[] nonce, Sha256? digest, string? problem);

    /// <summary>From the dispatcher: gives the node a replica, if it has a slot. The pace is handed on to the shard.</summary>
    [Alias("Assign")]
    Task<AssignOutcome> Assign(ReplicaRequest request, ReplicaPace? pace);

    /// <summary>From a shard: takes a lease back.</summary>
    [OneWay, Alias("CancelLease")]
    Task CancelLease(LeaseId lease, string reason);

    /// <summary>From a shard: what became of a result. Kept until the node has it.</summary>
    [OneWay, Alias("Verdict")]
    Task Verdict(LeaseId lease, Verdict verdict, string? reason);

    /// <summary>From a shard: what a check said about a result of the node. Counts once a lease.</summary>
    [OneWay, Alias("Evidence")]
    Task Evidence(CheckEvidence evidence);

    /// <summary>From the dispatcher, when it starts: offer again.</summary>
    [OneWay, Alias("OfferAgain")]
    Task OfferAgain();

    /// <summary>From the operator: take no new work (true) or take it again.</summary>
    [Alias("Drain")]
    Task<NodeStatus?> Drain(bool drain);

    /// <summary>From the node's owner: a ban or its end, which reaches all of an owner's nodes.</summary>
    [Alias("OwnerBanned")]
    Task OwnerBanned(string? reason);

    /// <summary>From the node's owner: no work until then, because one of the owner's nodes gave a wrong result.</summary>
    [Alias("OwnerSuspended")]
    Task OwnerSuspended(DateTimeOffset until, string reason);

    /// <summary>How the node stands; null when it is not enrolled.</summary>
    [Alias("GetStatus")]
    Task<NodeStatus?> GetStatus();
}

/// <summary>The gateway's end of a node's session. A failed call means that the node is disconnected.</summary>
[Alias("PiGrid.INodeSession")]
public interface INodeSession : IGrainObserver
{
    /// <summary>Pushes a message to the node.</summary>
    [Alias("Push")]
    Task Push(NodeMessage message);

    /// <summary>Closes the session: a newer one took its place, or the node was banned.</summary>
    [Alias("Close")]
    Task Close(string reason);
}

/// <summary>Who a node is: what enrolment made durable.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeRecord")]
public sealed record NodeRecord
{
    /// <summary>The node.</summary>
    [Id(0)]
    public required NodeId Id { get; init; }

    /// <summary>Who answers for it.</summary>
    [Id(1)]
    public required OwnerId Owner { get; init; }

    /// <summary>The owner's name for people; at most 100 characters.</summary>
    [Id(2)]
    public required string OwnerName { get; init; }

    /// <summary>Its public key (DER SubjectPublicKeyInfo).</summary>
    [Id(3)]
    public required byte[] PublicKey { get; init; }

    /// <summary>Whether it belongs to the operator.</summary>
    [Id(4)]
    public required bool Operator { get; init; }

    /// <summary>When it enrolled.</summary>
    [Id(5)]
    public required DateTimeOffset EnrolledAt { get; init; }
}

/// <summary>A proven connection of a node.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeConnection")]
public sealed record NodeConnection
{
    /// <summary>The session's id, new for every connection.</summary>
    [Id(0)]
    public required Guid Session { get; init; }

    /// <summary>The gateway's end.</summary>
    [Id(1)]
    public required INodeSession Gateway { get; init; }

    /// <summary>What the node says of itself.</summary>
    [Id(2)]
    public required NodeProfile Profile { get; init; }

    /// <summary>How it is right now, with its cached models.</summary>
    [Id(3)]
    public required NodeHeartbeat Heartbeat { get; init; }

    /// <summary>The leases that it still holds and works on, as the silo signed them.</summary>
    [Id(4)]
    public IReadOnlyList<SignedLease> Leases { get; init; } = [];
}

/// <summary>What came of a connection.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ConnectOutcome")]
public sealed record ConnectOutcome
{
    /// <summary>Why the node may not connect; null when it may.</summary>
    [Id(0)]
    public string? Refused { get; init; }

    /// <summary>Of the leases that the node reported, those that it is to stop.</summary>
    [Id(1)]
    public IReadOnlyList<LeaseId> Stop { get; init; } = [];
}

/// <summary>What came of giving a node a replica.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.AssignOutcome")]
public sealed record AssignOutcome
{
    /// <summary>The lease; null when refused.</summary>
    [Id(0)]
    public LeaseId? Lease { get; init; }

    /// <summary>Why it was refused.</summary>
    [Id(1)]
    public string? Refused { get; init; }

    /// <summary>Whether the refusal is about this shard alone: the node can take other shards' replicas all the same.</summary>
    [Id(2)]
    public bool ForThisShard { get; init; }
}

/// <summary>What the node's grain says of a result at once; the verdict comes later.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ResultReceipt")]
public sealed record ResultReceipt
{
    /// <summary>Set when the matter is settled at once, such as an invalid signature.</summary>
    [Id(0)]
    public Verdict? Verdict { get; init; }

    /// <summary>Why.</summary>
    [Id(1)]
    public string? Reason { get; init; }
}
