namespace PiGrid.Models;

/// <summary>From the model's output tensors to the output.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.Postprocessing")]
public sealed record Postprocessing
{
    /// <summary>What comes out.</summary>
    [Id(0)]
    public required OutputKind Kind { get; init; }

    /// <summary>Labels and detections: the label file among the manifest's files, one class a line; class indexes serve as labels when absent.</summary>
    [Id(1)]
    public string? Labels { get; init; }

    /// <summary>Labels: how many of the best are kept, 1 to 1,000.</summary>
    [Id(2)]
    public int TopK { get; init; } = 5;

    /// <summary>Labels: whether a softmax turns the values into probabilities.</summary>
    [Id(3)]
    public bool Softmax { get; init; }

    /// <summary>How detections are read from the tensors; required for detections, absent otherwise.</summary>
    [Id(4)]
    public DetectionDecoder? Detections { get; init; }

    /// <summary>How text is generated; required for text, absent otherwise.</summary>
    [Id(5)]
    public GenerationSteps? Generation { get; init; }
}

/// <summary>What a pipeline gives out.</summary>
[GenerateSerializer, Alias("PiGrid.OutputKind")]
public enum OutputKind
{
    /// <summary>The tensors as they are.</summary>
    Tensors,

    /// <summary>The best classes.</summary>
    Labels,

    /// <summary>Objects with boxes.</summary>
    Detections,

    /// <summary>Text, token by token.</summary>
    Text,
}

/// <summary>How boxes are read from a detector's tensors; then non-maximum suppression per class.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.DetectionDecoder")]
public sealed record DetectionDecoder
{
    /// <summary>The detector's family.</summary>
    [Id(0)]
    public required DetectorFamily Family { get; init; }

    /// <summary>The strides of the detector's grids in pixels, in the order of the tensor's rows.</summary>
    [Id(1)]
    public IReadOnlyList<int> Strides { get; init; } = [8, 16, 32];

    /// <summary>The least score of a detection, 0 to 1.</summary>
    [Id(2)]
    public double ScoreThreshold { get; init; } = 0.3;

    /// <summary>Two boxes of a class that overlap more than this are one object, 0 to 1.</summary>
    [Id(3)]
    public double IouThreshold { get; init; } = 0.45;

    /// <summary>The most detections kept, 1 to 1,000.</summary>
    [Id(4)]
    public int DetectionsMax { get; init; } = 100;

    /// <summary>NanoDet: the outputs with class scores, one per stride.</summary>
    [Id(5)]
    public IReadOnlyList<string> ClassOutputs { get; init; } = [];

    /// <summary>NanoDet: the outputs with distance distributions, one per stride.</summary>
    [Id(6)]
    public IReadOnlyList<string> DistanceOutputs { get; init; } = [];
}

/// <summary>The families of detectors whose tensors can be read.</summary>
[GenerateSerializer, Alias("PiGrid.DetectorFamily")]
public enum DetectorFamily
{
    /// <summary>
    /// YOLOX (Ge et al. 2021): one output [1, cells, 5 + classes]; centre (o0 + gx) * s, (o1 + gy) * s, size exp(o2) * s, exp(o3) * s,
    /// score o4 * class, both already sigmoids.
    /// </summary>
    Yolox,

    /// <summary>
    /// NanoDet (generalised focal loss): per stride class sigmoids [1, cells, classes] and distances [1, cells, 4 * bins], each side the
    /// expectation of a softmax over its bins times the stride, from the centre gx * s + (s - 1) / 2.
    /// </summary>
    Nanodet,
}

/// <summary>How text is generated: greedily, the best next token each time.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.GenerationSteps")]
public sealed record GenerationSteps
{
    /// <summary>The most tokens generated, 1 to 100,000.</summary>
    [Id(0)]
    public required int TokensMax { get; init; }

    /// <summary>The longest context in tokens, prompt included; generation ends there. 1 to 1,000,000.</summary>
    [Id(1)]
    public required int ContextMax { get; init; }

    /// <summary>Tokens that end the text and are not part of it.</summary>
    [Id(2)]
    public IReadOnlyList<int> StopTokens { get; init; } = [1, 2];
}
