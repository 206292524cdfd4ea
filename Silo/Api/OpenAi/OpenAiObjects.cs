using PiGrid.Batches;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary>A file as OpenAI's clients read it.</summary>
internal sealed record OpenAiFile
{
    public required string Id { get; init; }

    public string Object { get; } = "file";

    public required long Bytes { get; init; }

    public required long? CreatedAt { get; init; }

    public required long? ExpiresAt { get; init; }

    public required string Filename { get; init; }

    public required string Purpose { get; init; }

    public string Status { get; } = "processed";

    public string? StatusDetails { get; init; }
}

/// <summary>What is left of a file.</summary>
internal sealed record OpenAiDeletedFile(string Id)
{
    public string Object { get; } = "file";

    public bool Deleted { get; } = true;
}

/// <summary>A batch as OpenAI's clients read it, and why it waits.</summary>
internal sealed record OpenAiBatch
{
    public required string Id { get; init; }

    public string Object { get; } = "batch";

    public required string Endpoint { get; init; }

    public required string? Model { get; init; }

    public required OpenAiBatchErrors? Errors { get; init; }

    public required string InputFileId { get; init; }

    public required string CompletionWindow { get; init; }

    public required string Status { get; init; }

    public required string? OutputFileId { get; init; }

    public required string? ErrorFileId { get; init; }

    public required long? CreatedAt { get; init; }

    public required long? InProgressAt { get; init; }

    public required long? ExpiresAt { get; init; }

    public required long? FinalizingAt { get; init; }

    public required long? CompletedAt { get; init; }

    public required long? FailedAt { get; init; }

    public required long? ExpiredAt { get; init; }

    public required long? CancellingAt { get; init; }

    public required long? CancelledAt { get; init; }

    public required OpenAiRequestCounts RequestCounts { get; init; }

    public required IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public required string? QueueReason { get; init; }
}

/// <summary>Why a file is no batch.</summary>
internal sealed record OpenAiBatchErrors(IReadOnlyList<BatchError> Data)
{
    public string Object { get; } = "list";
}

/// <summary>How far a batch is.</summary>
internal sealed record OpenAiRequestCounts(int Total, int Completed, int Failed);

/// <summary>A model version as OpenAI's clients read it.</summary>
internal sealed record OpenAiModel(string Id, long? Created, string OwnedBy)
{
    public string Object { get; } = "model";
}

/// <summary>All models.</summary>
internal sealed record OpenAiModels(IReadOnlyList<OpenAiModel> Data)
{
    public string Object { get; } = "list";
}

/// <summary>A page of a list.</summary>
internal sealed record OpenAiPage<T>(IReadOnlyList<T> Data, string? FirstId, string? LastId, bool HasMore)
{
    public string Object { get; } = "list";
}

/// <summary>Every answer that is an error.</summary>
internal sealed record OpenAiError(OpenAiErrorDetail Error);

/// <summary>What was wrong.</summary>
internal sealed record OpenAiErrorDetail(string Message, string Type, string? Param, string Code);
