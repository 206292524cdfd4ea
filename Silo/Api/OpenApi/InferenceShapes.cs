using System.Text.Json;

namespace PiGrid.Silo.Api.OpenApi;

// The documents of the Open Inference Protocol, which are read and written member by member (Silo/Api/Inference): here only for their schemas.
#pragma warning disable CA1812 // Nobody makes one.

/// <summary>An error under <c>/v2</c>.</summary>
internal sealed record InferError(string Error);

/// <summary>What the server is.</summary>
internal sealed record ServerMetadata(string Name, string Version, string[] Extensions);

/// <summary>Whether the server lives.</summary>
internal sealed record ServerLive(bool Live);

/// <summary>Whether the server serves.</summary>
internal sealed record ServerReady(bool Ready, string? Error);

/// <summary>The models that are ready.</summary>
internal sealed record ModelNames(string[] Models);

/// <summary>A model's inputs and outputs.</summary>
internal sealed record ModelMetadata(string Name, string[] Versions, string Platform, TensorMetadataShape[] Inputs, TensorMetadataShape[] Outputs);

/// <summary>A tensor of a model; sizes that may vary are -1.</summary>
internal sealed record TensorMetadataShape(string Name, string Datatype, long[] Shape);

/// <summary>Whether a model can be called.</summary>
internal sealed record ModelReady(string Name, string Version, bool Ready);

/// <summary>A call.</summary>
internal sealed record InferRequest(InferInput[] Inputs, InferWish[]? Outputs, string? Id, Dictionary<string, JsonElement>? Parameters);

/// <summary>An input of a call: its data, or how long it is behind the JSON.</summary>
internal sealed record InferInput(string Name, string Datatype, long[] Shape, JsonElement? Data, Dictionary<string, JsonElement>? Parameters);

/// <summary>An output that is wanted.</summary>
internal sealed record InferWish(string Name, Dictionary<string, JsonElement>? Parameters);

/// <summary>What a call is answered with.</summary>
internal sealed record InferAnswer(string ModelName, string ModelVersion, string? Id, Dictionary<string, JsonElement> Parameters, InferOutput[] Outputs);

/// <summary>An output: its data, or how long it is behind the JSON.</summary>
internal sealed record InferOutput(string Name, string Datatype, long[] Shape, JsonElement? Data, Dictionary<string, JsonElement>? Parameters);

/// <summary>What was answered.</summary>
internal sealed record StatisticsAnswer(ModelCounts[] ModelStats);

/// <summary>What was answered of a version.</summary>
internal sealed record ModelCounts(string Name, string Version, long LastInference, long InferenceCount, long ExecutionCount, InferCounts InferenceStats, BatchCounts[] BatchStats);

/// <summary>Counts and times.</summary>
internal sealed record InferCounts(
    CountAndTime Success, CountAndTime Fail, CountAndTime Queue, CountAndTime ComputeInput, CountAndTime ComputeInfer, CountAndTime ComputeOutput, CountAndTime CacheHit, CountAndTime CacheMiss);

/// <summary>Counts and times of batches of one size.</summary>
internal sealed record BatchCounts(long BatchSize, CountAndTime ComputeInput, CountAndTime ComputeInfer, CountAndTime ComputeOutput);

/// <summary>How often, and how long in all, in nanoseconds.</summary>
internal sealed record CountAndTime(long Count, long Ns);

/// <summary>Which versions are asked for.</summary>
internal sealed record RepositoryQuery(bool? Ready);

/// <summary>A version in the repository.</summary>
internal sealed record RepositoryEntry(string Name, string Version, string State, string Reason);

/// <summary>Parameters of loading and unloading.</summary>
internal sealed record RepositoryCommand(Dictionary<string, JsonElement>? Parameters);

/// <summary>Nothing.</summary>
internal sealed record EmptyAnswer;
