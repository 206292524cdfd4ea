using System.Text.Json.Serialization;

namespace PiGrid.Protocol;

/// <summary>
/// A message from the grid to a node, over the node's WebSocket: one JSON object per text frame, told apart by <c>type</c>. docs/protocol.md is the
/// contract.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeMessage")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ChallengeMessage), "challenge")]
[JsonDerivedType(typeof(WelcomeMessage), "welcome")]
[JsonDerivedType(typeof(AssignMessage), "assign")]
[JsonDerivedType(typeof(CancelMessage), "cancel")]
[JsonDerivedType(typeof(RenewMessage), "renew")]
[JsonDerivedType(typeof(ConfigMessage), "config")]
[JsonDerivedType(typeof(ModelChallengeMessage), "model_challenge")]
[JsonDerivedType(typeof(VerdictMessage), "result_verdict")]
[JsonDerivedType(typeof(ErrorMessage), "error")]
public abstract record NodeMessage;

/// <summary>Answers hello: prove that you hold the node's key.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ChallengeMessage")]
public sealed record ChallengeMessage : NodeMessage
{
    /// <summary>32 random bytes, used once.</summary>
    [Id(0)]
    public required byte[] Nonce { get; init; }

    /// <summary>The protocol version chosen of those that the node speaks.</summary>
    [Id(1)]
    public required int Version { get; init; }

    /// <summary>The grid's public key (DER SubjectPublicKeyInfo); the node compares it with the one it enrolled with.</summary>
    [Id(2)]
    public required byte[] GridKey { get; init; }
}

/// <summary>Answers a valid proof: the session is open.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.WelcomeMessage")]
public sealed record WelcomeMessage : NodeMessage
{
    /// <summary>The session.</summary>
    [Id(0)]
    public required Guid Session { get; init; }

    /// <summary>The time between heartbeats, in milliseconds.</summary>
    [Id(1)]
    public required int HeartbeatMs { get; init; }

    /// <summary>The largest output sent inside a result message, in bytes; larger ones are uploaded.</summary>
    [Id(2)]
    public required int InlineOutputBytesMax { get; init; }

    /// <summary>Of the leases that the node reported, those that it is to stop.</summary>
    [Id(3)]
    public IReadOnlyList<LeaseId> Stop { get; init; } = [];

    /// <summary>The longest time between two sendings of a result that has no verdict, in milliseconds; absent when the grid does not say.</summary>
    [Id(4)]
    public int? ResendMs { get; init; }
}

/// <summary>Here is work.</summary>
/// <param name="Assignment">The lease and the work.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.AssignMessage")]
public sealed record AssignMessage([property: Id(0)] Assignment Assignment) : NodeMessage
{
    /// <summary>
    /// The sizes in bytes of further blobs of the order, each of which follows this message as a binary message; absent without any, and for nodes that do not say
    /// <see cref="NodeProfile.Attachments"/>.
    /// </summary>
    [Id(1)]
    public IReadOnlyList<int>? Attached { get; init; }
}

/// <summary>Stop working on a lease; nothing is owed for it.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Reason">Why, for the log.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.CancelMessage")]
public sealed record CancelMessage([property: Id(0)] LeaseId Lease, [property: Id(1)] string Reason) : NodeMessage;

/// <summary>A lease lasts longer: the same lease with a later deadline. Only nodes whose heartbeats list their leases are sent it.</summary>
/// <param name="Lease">The lease as it is from now on, signed anew.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.RenewMessage")]
public sealed record RenewMessage([property: Id(0)] SignedLease Lease) : NodeMessage;

/// <summary>Settings that changed during the session.</summary>
/// <param name="HeartbeatMs">The time between heartbeats, in milliseconds.</param>
/// <param name="Drain">Whether to finish what is held and take nothing new.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ConfigMessage")]
public sealed record ConfigMessage([property: Id(0)] int HeartbeatMs, [property: Id(1)] bool Drain) : NodeMessage;

/// <summary>Prove that you have a model's exact bytes.</summary>
/// <param name="Challenge">What to answer.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ModelChallengeMessage")]
public sealed record ModelChallengeMessage([property: Id(0)] ModelChallenge Challenge) : NodeMessage;

/// <summary>What became of a result: the node may forget it.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Reason">Why.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.VerdictMessage")]
public sealed record VerdictMessage(
    [property: Id(0)] LeaseId Lease,
    [property: Id(1)] Verdict Verdict,
    [property: Id(2)] string? Reason) : NodeMessage;

/// <summary>Something that the node sent was refused. The connection stays open unless the socket is closed after it.</summary>
/// <param name="Code">A stable word, such as <c>unknown_message</c>, <c>too_large</c>, <c>bad_signature</c>.</param>
/// <param name="Message">What was wrong and what to do.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ErrorMessage")]
public sealed record ErrorMessage([property: Id(0)] string Code, [property: Id(1)] string Message) : NodeMessage;
