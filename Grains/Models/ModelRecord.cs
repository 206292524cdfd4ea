using Orleans;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Grains.Models;

/// <summary>What is durable of a model version.</summary>
[GenerateSerializer, Alias("PiGrid.ModelRecord")]
internal sealed record ModelRecord
{
    /// <summary>The manifest; null while there is no such version.</summary>
    [Id(0)]
    public ModelManifest? Manifest { get; init; }

    /// <summary>The manifest's canonical JSON as a blob.</summary>
    [Id(1)]
    public BlobRef? ManifestBlob { get; init; }

    /// <summary>Its state.</summary>
    [Id(2)]
    public ModelState State { get; init; }

    /// <summary>Why it was rejected.</summary>
    [Id(3)]
    public string? Reason { get; init; }

    /// <summary>When it was published.</summary>
    [Id(4)]
    public DateTimeOffset PublishedAt { get; init; }

    /// <summary>The job that validates it, or did.</summary>
    [Id(5)]
    public JobId? Validation { get; init; }

    /// <summary>What an operator node found.</summary>
    [Id(6)]
    public ModelReport? Report { get; init; }

    /// <summary>How runs of it are checked in parts: the report's plan as a blob; null where they are not.</summary>
    [Id(7)]
    public SegmentTerms? Segments { get; init; }

    /// <summary>Whether the operator has taken it out of use, which may come before it is ready.</summary>
    [Id(8)]
    public bool Unloaded { get; init; }
}
