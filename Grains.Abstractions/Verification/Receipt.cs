using PiGrid.Protocol;

namespace PiGrid.Verification;

/// <summary>
/// The proof of one accepted shard: what was computed from what, by whom, who agreed, how it was checked. The grid's signature is over the
/// canonical JSON of <see cref="Body"/>; each replica's over the canonical JSON of its statement.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.Receipt")]
public sealed record Receipt
{
    /// <summary>What is signed.</summary>
    [Id(0)]
    public required ReceiptBody Body { get; init; }

    /// <summary>The grid's signature: 64 bytes, base64 in JSON.</summary>
    [Id(1)]
    public required byte[] Signature { get; init; }
}

/// <summary>The signed part of a receipt.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ReceiptBody")]
public sealed record ReceiptBody
{
    /// <summary>The receipt's id.</summary>
    [Id(0)]
    public required ReceiptId Id { get; init; }

    /// <summary>The shard.</summary>
    [Id(1)]
    public required ShardId Shard { get; init; }

    /// <summary>The model version.</summary>
    [Id(2)]
    public required ModelRef Model { get; init; }

    /// <summary>The digest of the manifest's canonical JSON.</summary>
    [Id(3)]
    public required Sha256 Manifest { get; init; }

    /// <summary>The digest of the ONNX file; absent for a pipeline without one.</summary>
    [Id(4)]
    public Sha256? ModelFile { get; init; }

    /// <summary>The digests of the inputs, in order.</summary>
    [Id(5)]
    public required IReadOnlyList<Sha256> Inputs { get; init; }

    /// <summary>The digest of the canonical output.</summary>
    [Id(6)]
    public required Sha256 Output { get; init; }

    /// <summary>The policy that was met.</summary>
    [Id(7)]
    public required VerificationPolicy Policy { get; init; }

    /// <summary>When the result was accepted.</summary>
    [Id(8)]
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The replicas whose results were compared.</summary>
    [Id(9)]
    public required IReadOnlyList<ReceiptReplica> Replicas { get; init; }

    /// <summary>The grid's public key (DER SubjectPublicKeyInfo).</summary>
    [Id(10)]
    public required byte[] GridKey { get; init; }

    /// <summary>
    /// The probability that the output is right, at least, by what the grid knew of the nodes when the job was delivered (docs/verification.md, section 6);
    /// 0 to 1; absent when nothing is known of them.
    /// </summary>
    [Id(11)]
    public double? Credibility { get; init; }
}

/// <summary>One replica in a receipt.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ReceiptReplica")]
public sealed record ReceiptReplica
{
    /// <summary>The node.</summary>
    [Id(0)]
    public required NodeId Node { get; init; }

    /// <summary>Who answers for the node.</summary>
    [Id(1)]
    public required OwnerId Owner { get; init; }

    /// <summary>Whether its result agreed with the canonical one.</summary>
    [Id(2)]
    public required bool Agreed { get; init; }

    /// <summary>What the node signed.</summary>
    [Id(3)]
    public required ResultStatement Statement { get; init; }

    /// <summary>The node's signature over the statement's canonical JSON.</summary>
    [Id(4)]
    public required byte[] Signature { get; init; }

    /// <summary>The node's public key (DER SubjectPublicKeyInfo).</summary>
    [Id(5)]
    public required byte[] PublicKey { get; init; }

    /// <summary>Whether it is an operator node, whose word decides.</summary>
    [Id(6)]
    public bool Operator { get; init; }
}
