using PiGrid.Verification;

namespace PiGrid.Models;

/// <summary>One published model version or pipeline. The key is its <see cref="ModelRef"/>.</summary>
[Alias("PiGrid.IModelGrain")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>
    /// Publishes a manifest whose files the grid already has as blobs. A version never changes: publishing the same manifest again returns its
    /// status, another manifest under the same reference is refused. A rejected version may be published again.
    /// </summary>
    [Alias("Publish")]
    Task<PublishOutcome> Publish(ModelManifest manifest);

    /// <summary>Where the version stands; null when there is none.</summary>
    [Alias("GetStatus")]
    Task<ModelStatus?> GetStatus();

    /// <summary>What jobs need to run it; null unless it is ready.</summary>
    [Alias("GetWork")]
    Task<ModelWork?> GetWork();

    /// <summary>Takes the version out of use: new jobs and calls are refused, what runs ends as it would. Idempotent; null when there is no such version.</summary>
    [Alias("Unload")]
    Task<ModelStatus?> Unload();

    /// <summary>Puts it back into use. Idempotent; null when there is no such version.</summary>
    [Alias("Load")]
    Task<ModelStatus?> Load();

    /// <summary>Start-up: goes on with a validation that was under way. Idempotent.</summary>
    [Alias("Resume")]
    Task Resume();

    /// <summary>From the validation's job: it has ended. Idempotent.</summary>
    [OneWay, Alias("ValidationEnded")]
    Task ValidationEnded(JobId job, ItemOutput? output, string? error);

    /// <summary>From the validation's job: why it waits; null when it no longer does.</summary>
    [OneWay, Alias("ValidationQueued")]
    Task ValidationQueued(JobId job, string? reason);
}

/// <summary>What came of publishing.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.PublishOutcome")]
public sealed record PublishOutcome
{
    /// <summary>Where the version stands; null when refused.</summary>
    [Id(0)]
    public ModelStatus? Status { get; init; }

    /// <summary>Why it was refused, every reason at once.</summary>
    [Id(1)]
    public IReadOnlyList<FieldError> Errors { get; init; } = [];
}

/// <summary>What jobs need to run a model version.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ModelWork")]
public sealed record ModelWork
{
    /// <summary>What all shards have in common.</summary>
    [Id(0)]
    public required WorkTemplate Template { get; init; }

    /// <summary>When two results are the same.</summary>
    [Id(1)]
    public required Comparator Comparator { get; init; }

    /// <summary>The median time of one input on the operator's node in milliseconds; 0 when unknown.</summary>
    [Id(2)]
    public double InputMs { get; init; }
}

/// <summary>Where a model version stands.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ModelStatus")]
public sealed record ModelStatus
{
    /// <summary>The version.</summary>
    [Id(0)]
    public required ModelRef Ref { get; init; }

    /// <summary>Its state.</summary>
    [Id(1)]
    public required ModelState State { get; init; }

    /// <summary>Why it is pending or rejected.</summary>
    [Id(2)]
    public string? Reason { get; init; }

    /// <summary>When it was published.</summary>
    [Id(3)]
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>Its manifest, with digests.</summary>
    [Id(4)]
    public required ModelManifest Manifest { get; init; }

    /// <summary>The digest of the manifest's canonical JSON.</summary>
    [Id(5)]
    public required Sha256 ManifestDigest { get; init; }

    /// <summary>What an operator node found; null until then.</summary>
    [Id(6)]
    public ModelReport? Report { get; init; }
}

/// <summary>The states of a model version.</summary>
[GenerateSerializer, Alias("PiGrid.ModelState")]
public enum ModelState
{
    /// <summary>Waits for an operator node to validate it.</summary>
    Pending,

    /// <summary>Jobs may use it.</summary>
    Ready,

    /// <summary>An operator node found that it does not work.</summary>
    Rejected,

    /// <summary>It works, and the grid's operator has taken it out of use.</summary>
    Unloaded,
}
