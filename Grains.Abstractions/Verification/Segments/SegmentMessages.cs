namespace PiGrid.Verification;

/// <summary>
/// What a node binds itself to when it returns a result, before it can know what will be asked: a digest for each of the plan's tensors. Its digest in
/// turn (<see cref="CanonicalJson.Digest{T}"/>) is what the node signs.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.SegmentCommitment")]
public sealed record SegmentCommitment
{
    /// <summary>The digest of the plan.</summary>
    [Id(0)]
    public required Sha256 Plan { get; init; }

    /// <summary>The digests of the plan's tensors, in its order.</summary>
    [Id(1)]
    public required IReadOnlyList<Sha256> Tensors { get; init; }
}

/// <summary>Which segments a node has to open. It follows from a nonce that nobody knew when the node committed itself.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.SegmentChallenge")]
public sealed record SegmentChallenge
{
    /// <summary>The segments, ascending, each once.</summary>
    [Id(0)]
    public required IReadOnlyList<int> Segments { get; init; }
}

/// <summary>What a node hands over when it is asked: the tensors of the challenged segments and the model's outputs.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.SegmentOpening")]
public sealed record SegmentOpening
{
    /// <summary>The tensors, each once, in the plan's order.</summary>
    [Id(0)]
    public required IReadOnlyList<TensorData> Tensors { get; init; }
}

/// <summary>What a node's item is when it opens segments: its commitment to the run of an input, and the tensors of the segments that it was asked for.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.SegmentEvidence")]
public sealed record SegmentEvidence
{
    /// <summary>The commitment, whose digest the node signed with the result.</summary>
    [Id(0)]
    public required SegmentCommitment Commitment { get; init; }

    /// <summary>The tensors, each once, in the plan's order.</summary>
    [Id(1)]
    public required IReadOnlyList<TensorData> Tensors { get; init; }
}

/// <summary>What an operator node is given to audit: an input's output as it was signed, and what was opened of the run.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.SegmentClaim")]
public sealed record SegmentClaim
{
    /// <summary>The output.</summary>
    [Id(0)]
    public required ItemOutput Output { get; init; }

    /// <summary>What was opened.</summary>
    [Id(1)]
    public required SegmentEvidence Opening { get; init; }
}

/// <summary>How a model's runs are checked in parts.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.SegmentTerms")]
public sealed record SegmentTerms
{
    /// <summary>The canonical JSON of the <see cref="SegmentPlan"/>; absent in the model's validation, which makes it.</summary>
    [Id(0)]
    public BlobRef? Plan { get; init; }

    /// <summary>How many segments the plan has; in the validation, how many to aim at.</summary>
    [Id(1)]
    public required int Segments { get; init; }

    /// <summary>The most bytes of tensors that a segment reads and makes; in the validation alone.</summary>
    [Id(2)]
    public long? OpeningBytesMax { get; init; }
}
