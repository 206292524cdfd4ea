using System.Text.Json.Serialization;

namespace PiGrid.Protocol;

/// <summary>A message from a node to the grid; see <see cref="NodeMessage"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(HelloMessage), "hello")]
[JsonDerivedType(typeof(ProveMessage), "prove")]
[JsonDerivedType(typeof(HeartbeatMessage), "heartbeat")]
[JsonDerivedType(typeof(AcceptMessage), "accept")]
[JsonDerivedType(typeof(DeclineMessage), "decline")]
[JsonDerivedType(typeof(ProgressMessage), "progress")]
[JsonDerivedType(typeof(ResultMessage), "result")]
[JsonDerivedType(typeof(FailMessage), "fail")]
[JsonDerivedType(typeof(GoodbyeMessage), "goodbye")]
[JsonDerivedType(typeof(ModelProofMessage), "model_proof")]
public abstract record AgentMessage;

/// <summary>The first message: who I am and what I speak.</summary>
/// <param name="Node">The node.</param>
/// <param name="Versions">The protocol versions spoken.</param>
public sealed record HelloMessage(NodeId Node, IReadOnlyList<int> Versions) : AgentMessage;

/// <summary>Answers the challenge, and says what the node is, has, and still works on.</summary>
public sealed record ProveMessage : AgentMessage
{
    /// <summary>The node's signature over the canonical JSON of a <see cref="ProofStatement"/>.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>What the node is.</summary>
    public required NodeProfile Profile { get; init; }

    /// <summary>How it is right now, with its cached models.</summary>
    public required NodeHeartbeat Heartbeat { get; init; }

    /// <summary>The leases that it still works on or has results for.</summary>
    public IReadOnlyList<SignedLease> Leases { get; init; } = [];
}

/// <summary>What a node signs to prove its key. It binds the grid, so that no other grid can use the proof.</summary>
public sealed record ProofStatement
{
    /// <summary>The type of statement.</summary>
    public const string TypeV1 = "pigrid-proof/1";

    /// <summary>Always <see cref="TypeV1"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The grid's public key, from the challenge.</summary>
    public required byte[] GridKey { get; init; }

    /// <summary>The nonce, from the challenge.</summary>
    public required byte[] Nonce { get; init; }

    /// <summary>The node.</summary>
    public required NodeId Node { get; init; }

    /// <summary>The protocol version, from the challenge.</summary>
    public required int Version { get; init; }
}

/// <summary>How the node is right now.</summary>
/// <param name="Heartbeat">Slots, load, temperature.</param>
public sealed record HeartbeatMessage(NodeHeartbeat Heartbeat) : AgentMessage;

/// <summary>The node starts work on a lease.</summary>
/// <param name="Lease">The lease.</param>
public sealed record AcceptMessage(LeaseId Lease) : AgentMessage;

/// <summary>The node will not work on a lease.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Reason">Why.</param>
public sealed record DeclineMessage(LeaseId Lease, string Reason) : AgentMessage;

/// <summary>How far a lease's work is.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Done">Inputs done.</param>
public sealed record ProgressMessage(LeaseId Lease, int Done) : AgentMessage;

/// <summary>A result. Sent again after a reconnect until its verdict comes.</summary>
/// <param name="Result">The signed result.</param>
public sealed record ResultMessage(SignedResult Result) : AgentMessage;

/// <summary>The node could not do a lease's work for a reason of its own: no disk, a blob that could not be fetched.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Reason">Why.</param>
public sealed record FailMessage(LeaseId Lease, string Reason) : AgentMessage;

/// <summary>The node leaves on purpose; what it still holds it gives back.</summary>
/// <param name="Reason">Why.</param>
public sealed record GoodbyeMessage(string Reason) : AgentMessage;

/// <summary>Answers a <see cref="ModelChallenge"/>: with its digest, or with the reason why there is none.</summary>
/// <param name="Nonce">The challenge's nonce.</param>
/// <param name="Digest">What <see cref="ModelChallenge.AnswerAsync"/> gives; null when the node does not have the model.</param>
/// <param name="Problem">Why not; null when there is a digest.</param>
public sealed record ModelProofMessage(byte[] Nonce, Sha256? Digest, string? Problem) : AgentMessage;
