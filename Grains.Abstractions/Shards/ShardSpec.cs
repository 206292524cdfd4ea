using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid;

/// <summary>All that a shard needs to know of its job.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardSpec")]
public sealed record ShardSpec
{
    /// <summary>The shard.</summary>
    [Id(0)]
    public required ShardId Id { get; init; }

    /// <summary>Its inputs; <see cref="ShardInput.Index"/> counts within the job.</summary>
    [Id(1)]
    public required IReadOnlyList<ShardInput> Inputs { get; init; }

    /// <summary>What is run.</summary>
    [Id(2)]
    public required WorkTemplate Work { get; init; }

    /// <summary>How results are checked.</summary>
    [Id(3)]
    public required VerificationPolicy Policy { get; init; }

    /// <summary>When two results are the same.</summary>
    [Id(4)]
    public required Comparator Comparator { get; init; }

    /// <summary>The job's deadline.</summary>
    [Id(5)]
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Whose job it is; empty for the grid's own.</summary>
    [Id(6)]
    public string Requester { get; init; } = "";

    /// <summary>The job's priority.</summary>
    [Id(7)]
    public JobPriority Priority { get; init; }

    /// <summary>Whether an operator node is there, whose word settles what volunteers do not agree on.</summary>
    [Id(8)]
    public bool Audits { get; init; }

    /// <summary>Whether an operator node computes the shard before a volunteer gets it, so that the volunteer is checked whatever it answers.</summary>
    [Id(9)]
    public bool Ringer { get; init; }

    /// <summary>How many results an adaptive shard asks for at once; more than one where the deadline leaves no time to ask one after the other.</summary>
    [Id(10)]
    public int AtOnce { get; init; } = 1;

    /// <summary>The W3C trace context of its job's submission; null when the shard is not traced. No node sees it.</summary>
    [Id(11)]
    public string? Trace { get; init; }

    /// <summary>Which nodes may have it; any when null.</summary>
    [Id(12)]
    public PlacementTerms? Placement { get; init; }
}

/// <summary>One input of a shard.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardInput")]
public sealed record ShardInput
{
    /// <summary>Its place in the job, from 0.</summary>
    [Id(0)]
    public required int Index { get; init; }

    /// <summary>Its bytes, by content.</summary>
    [Id(1)]
    public required BlobRef Blob { get; init; }
}

/// <summary>What all shards of a job have in common.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.WorkTemplate")]
public sealed record WorkTemplate
{
    /// <summary>What the node does.</summary>
    [Id(0)]
    public required WorkKind Kind { get; init; }

    /// <summary>The model version.</summary>
    [Id(1)]
    public required ModelRef Model { get; init; }

    /// <summary>The manifest's canonical bytes.</summary>
    [Id(2)]
    public required BlobRef Manifest { get; init; }

    /// <summary>The ONNX file; null for a pipeline without a model step.</summary>
    [Id(3)]
    public BlobRef? ModelFile { get; init; }

    /// <summary>The other files, by the names that the manifest gives them.</summary>
    [Id(4)]
    public IReadOnlyList<WorkFile> Files { get; init; } = [];

    /// <summary>The workload category, which a volunteer's preferences accept or refuse.</summary>
    [Id(5)]
    public required string Category { get; init; }

    /// <summary>The limits that the worker enforces.</summary>
    [Id(6)]
    public required ManifestLimits Limits { get; init; }

    /// <summary>How runs of the model are checked in parts; absent where they are not.</summary>
    [Id(7)]
    public SegmentTerms? Segments { get; init; }
}

/// <summary>A file by the name that the manifest gives it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Blob">Its bytes, by content.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.WorkFile")]
public sealed record WorkFile([property: Id(0)] string Name, [property: Id(1)] BlobRef Blob);

/// <summary>What a node does with a shard.</summary>
[GenerateSerializer, Alias("PiGrid.WorkKind")]
public enum WorkKind
{
    /// <summary>Runs the pipeline over the inputs.</summary>
    Run,

    /// <summary>Operator nodes only: checks the model against its manifest and computes its ringers; the output is one <see cref="ModelReport"/>.</summary>
    Validate,

    /// <summary>Opens segments of runs that the node has committed itself to: each input's item is a <see cref="SegmentEvidence"/>.</summary>
    Open,

    /// <summary>Operator nodes only: checks what another node opened; each input's item is a <see cref="VerifierFinding"/>.</summary>
    Audit,
}
