using PiGrid.Verification;

namespace PiGrid.Models;

/// <summary>
/// The document that a publisher writes about one model version (or about a pipeline, when <see cref="Model"/> is absent): what goes in,
/// what happens before and after the model, what comes out, and when two results are the same. docs/manifest.md documents it.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ModelManifest")]
public sealed record ModelManifest
{
    /// <summary>The schema that this release writes and reads.</summary>
    public const string SchemaV1 = "pigrid-manifest/1";

    /// <summary>Always <see cref="SchemaV1"/>.</summary>
    [Id(0)]
    public required string Schema { get; init; }

    /// <summary>The model's name; see <see cref="ModelRef"/>.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>The version's label; see <see cref="ModelRef"/>.</summary>
    [Id(2)]
    public required string Version { get; init; }

    /// <summary>Who publishes it; at most 200 characters.</summary>
    [Id(3)]
    public required string Publisher { get; init; }

    /// <summary>The licence, as an SPDX expression or a short name; at most 200 characters.</summary>
    [Id(4)]
    public required string Licence { get; init; }

    /// <summary>The workload category that volunteers accept or refuse, such as <c>vision</c> or <c>language</c>.</summary>
    [Id(5)]
    public required string Category { get; init; }

    /// <summary>One sentence for people; at most 1,000 characters.</summary>
    [Id(6)]
    public string? Description { get; init; }

    /// <summary>The ONNX file; absent for a pipeline without a model step, whose output is the pre-processed tensors.</summary>
    [Id(7)]
    public ManifestFile? Model { get; init; }

    /// <summary>The model's inputs; where given, they must be what the ONNX file declares.</summary>
    [Id(8)]
    public IReadOnlyList<TensorSpec>? Inputs { get; init; }

    /// <summary>The model's outputs; where given, they must be what the ONNX file declares.</summary>
    [Id(9)]
    public IReadOnlyList<TensorSpec>? Outputs { get; init; }

    /// <summary>From the input's bytes to the model's tensors.</summary>
    [Id(10)]
    public required Preprocessing Preprocess { get; init; }

    /// <summary>From the model's tensors to the output.</summary>
    [Id(11)]
    public required Postprocessing Postprocess { get; init; }

    /// <summary>When two results are the same.</summary>
    [Id(12)]
    public required Comparator Comparator { get; init; }

    /// <summary>Other files that the pipeline reads: labels, a tokenizer. At most 16.</summary>
    [Id(13)]
    public IReadOnlyList<ManifestFile> Files { get; init; } = [];

    /// <summary>Inputs with a known answer, for which an operator node computes the output when the version is published. At most 64.</summary>
    [Id(14)]
    public IReadOnlyList<ManifestFile> Ringers { get; init; } = [];

    /// <summary>The limits that a worker enforces.</summary>
    [Id(15)]
    public ManifestLimits Limits { get; init; } = new();

    /// <summary>The version's reference.</summary>
    /// <exception cref="FormatException">Name or version is malformed; a valid manifest's never is.</exception>
    [System.Text.Json.Serialization.JsonIgnore]
    public ModelRef Ref => new(Name, Version);
}

/// <summary>
/// A file that belongs to a manifest. A publisher writes <see cref="File"/>, a path relative to the manifest; publishing fills in
/// <see cref="Sha256"/> and <see cref="Size"/>, and the grid knows the file by these.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ManifestFile")]
public sealed record ManifestFile
{
    /// <summary>The path relative to the manifest, with '/' and without '..'; in the pipeline the file goes by this name.</summary>
    [Id(0)]
    public required string File { get; init; }

    /// <summary>The digest of its bytes.</summary>
    [Id(1)]
    public Sha256? Sha256 { get; init; }

    /// <summary>Its length in bytes.</summary>
    [Id(2)]
    public long? Size { get; init; }
}

/// <summary>What a worker may use for a model.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ManifestLimits")]
public sealed record ManifestLimits
{
    /// <summary>The longest time for one input, 1 to 3,600 seconds.</summary>
    [Id(0)]
    public double SecondsPerInput { get; init; } = 60;

    /// <summary>The memory of the worker process, 64 to 65,536 MiB.</summary>
    [Id(1)]
    public int MemoryMib { get; init; } = 2048;

    /// <summary>The most bytes of one input, 1 to 1 GiB.</summary>
    [Id(2)]
    public long InputBytes { get; init; } = 32L << 20;

    /// <summary>The most pixels of one picture after decoding; a decompression bomb is refused by its header. 1 to 400 million.</summary>
    [Id(3)]
    public long Pixels { get; init; } = 50_000_000;

    /// <summary>
    /// The most inputs in one run of the model, 1 to 256; 1 is: never several. Absent, a node takes up to 16. It takes several only of a model that allows
    /// it: docs/inference.md says when.
    /// </summary>
    [Id(4)]
    public int? Batch { get; init; }
}
