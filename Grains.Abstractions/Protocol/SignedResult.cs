namespace PiGrid.Protocol;

/// <summary>What a node vouches for with its signature.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ResultStatement")]
public sealed record ResultStatement
{
    /// <summary>A result.</summary>
    public const string TypeV1 = "pigrid-result/1";

    /// <summary>A result with <see cref="Commitments"/>.</summary>
    public const string TypeV2 = "pigrid-result/2";

    /// <summary>Segments opened under a lease of <see cref="WorkKind.Open"/>.</summary>
    public const string OpeningV1 = "pigrid-opening/1";

    /// <summary>Findings under a lease of <see cref="WorkKind.Audit"/>.</summary>
    public const string AuditV1 = "pigrid-audit/1";

    /// <summary>One of the types above: a signature over one kind of document never passes for another.</summary>
    [Id(0)]
    public required string Type { get; init; }

    /// <summary>The lease.</summary>
    [Id(1)]
    public required LeaseId Lease { get; init; }

    /// <summary>The digest of the manifest's canonical JSON.</summary>
    [Id(2)]
    public required Sha256 Manifest { get; init; }

    /// <summary>The digest of the ONNX file that was run; absent for a pipeline without one.</summary>
    [Id(3)]
    public Sha256? ModelFile { get; init; }

    /// <summary>The digests of the inputs, in order.</summary>
    [Id(4)]
    public required IReadOnlyList<Sha256> Inputs { get; init; }

    /// <summary>The digest of the output's canonical JSON.</summary>
    [Id(5)]
    public required Sha256 Output { get; init; }

    /// <summary>The execution provider that ran it, such as <c>cpu</c>.</summary>
    [Id(6)]
    public required string Provider { get; init; }

    /// <summary>The library and version, such as <c>onnxruntime 1.30.0</c>.</summary>
    [Id(7)]
    public required string Library { get; init; }

    /// <summary>The node's hardware class.</summary>
    [Id(8)]
    public required string HardwareClass { get; init; }

    /// <summary>Time from the acceptance of the lease to the result, in milliseconds.</summary>
    [Id(9)]
    public required double TotalMs { get; init; }

    /// <summary>Time inside the model for all inputs, in milliseconds.</summary>
    [Id(10)]
    public required double ModelMs { get; init; }

    /// <summary>
    /// The digest of the <see cref="Verification.SegmentCommitment"/> to each input's run, in order; that of no bytes where the input has an error. In a statement of
    /// <see cref="TypeV2"/> alone.
    /// </summary>
    [Id(11)]
    public IReadOnlyList<Sha256>? Commitments { get; init; }

    /// <summary>Whether it is of a type for results, and has commitments exactly where its type has.</summary>
    public bool IsOfResult() => Type switch
    {
        TypeV1 => Commitments is null,
        TypeV2 => Commitments is { } all && all.Count == Inputs.Count,
        _ => false,
    };
}

/// <summary>A result as a node sends it, and sends again until it has a verdict.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.SignedResult")]
public sealed record SignedResult
{
    /// <summary>The lease under which it was computed, as the silo signed it.</summary>
    [Id(0)]
    public required SignedLease Lease { get; init; }

    /// <summary>What the node vouches for.</summary>
    [Id(1)]
    public required ResultStatement Statement { get; init; }

    /// <summary>The node's signature over the statement's canonical JSON: 64 bytes, base64 in JSON.</summary>
    [Id(2)]
    public required byte[] Signature { get; init; }

    /// <summary>The output's canonical JSON when it is at most the limit that the welcome states; else it was uploaded under the grant and is found by its digest.</summary>
    [Id(3)]
    public byte[]? Output { get; init; }

    /// <summary>The length of the output in bytes.</summary>
    [Id(4)]
    public required long OutputSize { get; init; }

    /// <summary>The node's public key; set by the node's grain, which has checked the signature with it.</summary>
    [Id(5)]
    public byte[]? PublicKey { get; init; }
}

/// <summary>What became of a result. The node keeps the result until it has this.</summary>
[GenerateSerializer, Alias("PiGrid.Verdict")]
public enum Verdict
{
    /// <summary>It agreed with the canonical result.</summary>
    Accepted,

    /// <summary>It contradicted the canonical result.</summary>
    Rejected,

    /// <summary>The shard was closed before it came, or gave up: it counted for nothing and against nobody.</summary>
    TooLate,

    /// <summary>It was malformed or signed wrongly: the reason says how.</summary>
    Invalid,
}
