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
