namespace PiGrid.Verification;

/// <summary>
/// Where a model is cut, so that a part of a run can be checked alone. Whoever validates the model makes it, from the graph and the sizes of its
/// tensors; nodes and verifiers take it as it is.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.SegmentPlan")]
public sealed record SegmentPlan
{
    /// <summary>The digest of the ONNX file.</summary>
    [Id(0)]
    public required Sha256 Model { get; init; }

    /// <summary>The segments, in the order in which they run; at least one.</summary>
    [Id(1)]
    public required IReadOnlyList<ModelSegment> Segments { get; init; }

    /// <summary>The tensors that a run commits to: every segment's inputs and outputs, each once, in order of first use.</summary>
    public IReadOnlyList<string> Tensors() => [.. Segments.SelectMany(s => s.Inputs.Concat(s.Outputs)).Distinct(StringComparer.Ordinal)];
}

/// <summary>A run of consecutive operators of a model.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ModelSegment")]
public sealed record ModelSegment
{
    /// <summary>The first operator, by its place in the file, from 0.</summary>
    [Id(0)]
    public required int From { get; init; }

    /// <summary>The operator behind the last.</summary>
    [Id(1)]
    public required int To { get; init; }

    /// <summary>The tensors that it reads and does not make, weights aside; the model's own inputs among them.</summary>
    [Id(2)]
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>The tensors that it makes for later segments, and the model's own outputs among those that it makes.</summary>
    [Id(3)]
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>Its share of the model's arithmetic, estimated; 0 to 1.</summary>
    [Id(4)]
    public double Share { get; init; }
}
