using PiGrid.Models;

namespace PiGrid.Verification;

/// <summary>What an operator node found in a model: read from the ONNX file and from running its ringers. It makes a pending version ready.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ModelReport")]
public sealed record ModelReport
{
    /// <summary>The model's inputs as the ONNX file declares them.</summary>
    [Id(0)]
    public required IReadOnlyList<TensorSpec> Inputs { get; init; }

    /// <summary>The model's outputs as the ONNX file declares them.</summary>
    [Id(1)]
    public required IReadOnlyList<TensorSpec> Outputs { get; init; }

    /// <summary>The output for each ringer of the manifest, in the manifest's order.</summary>
    [Id(2)]
    public required IReadOnlyList<ItemOutput> Ringers { get; init; }

    /// <summary>The median time of one input's whole pipeline in milliseconds; 0 when the manifest has no ringers.</summary>
    [Id(3)]
    public double InputMs { get; init; }

    /// <summary>Where the model is cut, so that runs of it can be checked in parts; absent where that was not asked for, or cannot be.</summary>
    [Id(4)]
    public SegmentPlan? Plan { get; init; }
}
