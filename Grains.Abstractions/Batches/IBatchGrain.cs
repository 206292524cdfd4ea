namespace PiGrid.Batches;

/// <summary>
/// A file of calls, run as ordinary jobs: validated line by line, submitted by model and terms, and answered with a file of outputs and one of errors. The key is
/// its <see cref="BatchId"/>.
/// </summary>
[Alias("PiGrid.IBatchGrain")]
public interface IBatchGrain : IGrainWithStringKey
{
    /// <summary>Makes the batch and starts it. Durable when it returns. One that is there already stays as it is, and is what is returned.</summary>
    [Alias("Create")]
    Task<BatchStatus> Create(BatchSpec spec);

    /// <summary>Where the batch stands; null when there is none.</summary>
    [AlwaysInterleave, Alias("GetStatus")]
    Task<BatchStatus?> GetStatus();

    /// <summary>Cancels what is open. What has ended, or is having its files written, stays as it is. Null when there is none.</summary>
    [AlwaysInterleave, Alias("Cancel")]
    Task<BatchStatus?> Cancel();

    /// <summary>Deletes a batch that has ended; its files and jobs have ends of their own. False while it runs. Idempotent.</summary>
    [Alias("Delete")]
    Task<bool> Delete();

    /// <summary>Start-up: goes on where the batch stood. Idempotent.</summary>
    [Alias("Resume")]
    Task Resume();

    /// <summary>From one of its jobs: it has ended. Idempotent; a message that is lost is made up for at the next checkpoint.</summary>
    [OneWay, AlwaysInterleave, Alias("JobEnded")]
    Task JobEnded(JobId job);

    /// <summary>From the batch itself, when its record could not be written: makes the grain anew from the store.</summary>
    [OneWay, Alias("Wake")]
    Task Wake();
}

/// <summary>A batch as it is asked for.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.BatchSpec")]
public sealed record BatchSpec
{
    /// <summary>The file of calls.</summary>
    [Id(0)]
    public required FileId File { get; init; }

    /// <summary>Its bytes: they stay for as long as the batch needs them, whatever becomes of the file.</summary>
    [Id(1)]
    public required BlobRef Input { get; init; }

    /// <summary>The route that every line must name, or <see cref="AnyEndpoint"/>.</summary>
    [Id(2)]
    public required string Endpoint { get; init; }

    /// <summary>The time that it may take, as it was asked for, such as <c>24h</c>.</summary>
    [Id(3)]
    public required string CompletionWindow { get; init; }

    /// <summary>The same as a time.</summary>
    [Id(4)]
    public required TimeSpan Window { get; init; }

    /// <summary>What the requester notes on it.</summary>
    [Id(5)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>How long its output files stay; as the silo's option says when null.</summary>
    [Id(6)]
    public TimeSpan? OutputsExpireAfter { get; init; }

    /// <summary>Whose key made it.</summary>
    [Id(7)]
    public required string Requester { get; init; }

    /// <summary>The endpoint of a batch whose lines name any model's infer route.</summary>
    public const string AnyEndpoint = "/v2/infer";
}
