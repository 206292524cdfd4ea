using System.Text.Json.Serialization;

namespace PiGrid.NodeAgent.Workers.Wire;

/// <summary>What the agent asks of a worker process, one after another. Bytes follow the frame in the order in which it states their sizes.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ProbeRequest), "probe")]
[JsonDerivedType(typeof(LoadRequest), "load")]
[JsonDerivedType(typeof(RunRequest), "run")]
[JsonDerivedType(typeof(RunBatchRequest), "run_batch")]
[JsonDerivedType(typeof(PlanRequest), "plan")]
[JsonDerivedType(typeof(CommitRequest), "commit")]
[JsonDerivedType(typeof(OpenRequest), "open")]
[JsonDerivedType(typeof(AuditRequest), "audit")]
[JsonDerivedType(typeof(CancelRequest), "cancel")]
internal abstract record WorkerRequest
{
    /// <summary>The sizes of what follows the frame, in order.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<long> Sizes => [];
}

/// <summary>Try a provider with a tiny model.</summary>
/// <param name="Provider">Its name.</param>
internal sealed record ProbeRequest(string Provider) : WorkerRequest;

/// <summary>Load a model, or check it. The manifest follows, then the model, the files and the ringers.</summary>
internal sealed record LoadRequest : WorkerRequest
{
    /// <summary>Whether to check the model with its ringers, once, instead of keeping it loaded.</summary>
    public required bool Validate { get; init; }

    /// <summary>By what the memory is multiplied where files are kept: the file, the model a second time, and the tensors of a whole run.</summary>
    public const int KeptFactor = 3;

    /// <summary>Whether to keep the files, so that segments of the model can be run.</summary>
    public bool KeepFiles { get; init; }

    /// <summary>The provider to try first.</summary>
    public required string Provider { get; init; }

    /// <summary>Memory that the model may add to the bare worker, in MiB.</summary>
    public required int MemoryMib { get; init; }

    /// <summary>The manifest's size in bytes.</summary>
    public required long ManifestSize { get; init; }

    /// <summary>The ONNX file's size in bytes; null without one.</summary>
    public long? ModelSize { get; init; }

    /// <summary>The names of the other files.</summary>
    public IReadOnlyList<string> FileNames { get; init; } = [];

    /// <summary>Their sizes in bytes.</summary>
    public IReadOnlyList<long> FileSizes { get; init; } = [];

    /// <summary>The sizes of the ringers in bytes.</summary>
    public IReadOnlyList<long> RingerSizes { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<long> Sizes =>
        [ManifestSize, .. ModelSize is { } model ? new[] { model } : Array.Empty<long>(), .. FileSizes, .. RingerSizes];
}

/// <summary>Run one input, which follows or lies in the worker's <see cref="InputArea"/>.</summary>
/// <param name="Size">Its size in bytes.</param>
/// <param name="IsInArea">Whether it lies there, from its start on.</param>
internal sealed record RunRequest(long Size, bool IsInArea) : WorkerRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<long> Sizes => IsInArea ? [] : [Size];
}

/// <summary>Run several inputs, which follow, in one run of the model where it takes them so. They are small: 1 MiB together at most.</summary>
/// <param name="InputSizes">Their sizes in bytes.</param>
internal sealed record RunBatchRequest(IReadOnlyList<long> InputSizes) : WorkerRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<long> Sizes => InputSizes;
}

/// <summary>End what runs now.</summary>
internal sealed record CancelRequest : WorkerRequest;
