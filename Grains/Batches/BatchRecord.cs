using Orleans;
using PiGrid.Batches;

namespace PiGrid.Grains.Batches;

/// <summary>What is durable of a batch.</summary>
[GenerateSerializer, Alias("PiGrid.BatchRecord")]
internal sealed record BatchRecord
{
    /// <summary>The batch as asked for; null while there is none.</summary>
    [Id(0)]
    public BatchSpec? Spec { get; init; }

    /// <summary>Its state.</summary>
    [Id(1)]
    public BatchState State { get; init; }

    /// <summary>When it entered its states.</summary>
    [Id(2)]
    public BatchTimes Times { get; init; } = new();

    /// <summary>Why it failed.</summary>
    [Id(3)]
    public IReadOnlyList<BatchError> Errors { get; init; } = [];

    /// <summary>Its calls, in the order of the file: blobs of JSON lines, each a <see cref="PlannedLine"/>.</summary>
    [Id(4)]
    public IReadOnlyList<BlobRef> Plan { get; init; } = [];

    /// <summary>How many calls it has.</summary>
    [Id(5)]
    public int Total { get; init; }

    /// <summary>Calls that were refused when they were read.</summary>
    [Id(6)]
    public int Refused { get; init; }

    /// <summary>The jobs that run the others.</summary>
    [Id(7)]
    public IReadOnlyList<BatchJob> Jobs { get; init; } = [];

    /// <summary>Whether its time was over before its jobs were.</summary>
    [Id(8)]
    public bool TimedOut { get; init; }

    /// <summary>Calls with an output; known at the end.</summary>
    [Id(9)]
    public int Completed { get; init; }

    /// <summary>Calls with an error; known at the end.</summary>
    [Id(10)]
    public int Failed { get; init; }

    /// <summary>The file of outputs.</summary>
    [Id(11)]
    public FileId? Output { get; init; }

    /// <summary>The file of errors.</summary>
    [Id(12)]
    public FileId? ErrorFile { get; init; }
}

/// <summary>A job of a batch: calls of one model version on the same terms.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.BatchJob")]
internal sealed record BatchJob
{
    /// <summary>The job.</summary>
    [Id(0)]
    public required JobId Id { get; init; }

    /// <summary>The model version.</summary>
    [Id(1)]
    public required ModelRef Model { get; init; }

    /// <summary>How its results are checked.</summary>
    [Id(2)]
    public required VerificationPolicy Policy { get; init; }

    /// <summary>When its calls are of no use any more.</summary>
    [Id(3)]
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How many calls it has.</summary>
    [Id(4)]
    public int Inputs { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(5)]
    public BatchJobState State { get; init; }

    /// <summary>For a job that was refused: the status that each of its calls is answered with.</summary>
    [Id(6)]
    public int Status { get; init; }

    /// <summary>Why it was refused.</summary>
    [Id(7)]
    public string? Error { get; init; }

    /// <summary>Which nodes may have its calls; any when null.</summary>
    [Id(8)]
    public PlacementTerms? Placement { get; init; }
}

/// <summary>Where a job of a batch stands, for the batch.</summary>
[GenerateSerializer, Alias("PiGrid.BatchJobState")]
internal enum BatchJobState
{
    /// <summary>Not submitted, as far as is known.</summary>
    Waiting,

    /// <summary>The grid has accepted it.</summary>
    Submitted,

    /// <summary>It was over by itself.</summary>
    Ended,

    /// <summary>Its deadline was over before all its calls were.</summary>
    Late,

    /// <summary>The batch ended it, or never submitted it.</summary>
    Stopped,

    /// <summary>The grid did not take it.</summary>
    Refused,
}

/// <summary>A call of a batch, once it is read.</summary>
internal sealed record PlannedLine
{
    /// <summary>Its line in the file, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The caller's name for it.</summary>
    public required string CustomId { get; init; }

    /// <summary>The job that runs it, counted from 0; null for one that was refused. Lines of a job are its inputs in this order.</summary>
    public int? Job { get; init; }

    /// <summary>Its input.</summary>
    public BlobRef? Input { get; init; }

    /// <summary>The id that its body gives it, which is echoed.</summary>
    public string? Id { get; init; }

    /// <summary>The outputs that it asks for; all when null.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>For one that was refused: the status that it is answered with.</summary>
    public int? Status { get; init; }

    /// <summary>Why it was refused.</summary>
    public string? Error { get; init; }
}
