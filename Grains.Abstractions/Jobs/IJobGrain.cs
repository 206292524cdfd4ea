using PiGrid.Verification;

namespace PiGrid;

/// <summary>A job. The key is its <see cref="JobId"/>.</summary>
[Alias("PiGrid.IJobGrain")]
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>
    /// Submits the job: any invalid part refuses it with precise errors; accepted means durable. Submitting the same id again
    /// returns the job as it stands, so that a retry is safe.
    /// </summary>
    [Alias("Submit")]
    Task<JobAdmission> Submit(JobSpec spec, CancellationToken cancellationToken);

    /// <summary>From a model version: starts the job that validates it on an operator node. Idempotent; the model is told the end.</summary>
    [Alias("StartValidation")]
    Task StartValidation(WorkTemplate work, IReadOnlyList<BlobRef> ringers);

    /// <summary>What such a job would cost and how long it would take. Any key will do; nothing is kept.</summary>
    [Alias("Estimate")]
    Task<JobEstimate> Estimate(JobQuestion question);

    /// <summary>The receipt of an accepted shard, with the credibility that it reached; null when there is none.</summary>
    [Alias("GetReceipt")]
    Task<Receipt?> GetReceipt(int shard);

    /// <summary>Where the job stands; null when there is no such job.</summary>
    [Alias("GetStatus")]
    Task<JobStatus?> GetStatus();

    /// <summary>
    /// What happens to the job from <paramref name="after"/> (0 for the beginning of what is remembered) until it ends. At most the
    /// last 4,096 events are remembered, and only since the grain was last activated: the status is what is durable.
    /// </summary>
    [Alias("Watch")]
    IAsyncEnumerable<JobEvent> Watch(long after, CancellationToken cancellationToken);

    /// <summary>
    /// The outputs in input order from input <paramref name="from"/> on, ending at the first shard that is still open; so a finished job
    /// gives them all.
    /// </summary>
    [Alias("ReadResults")]
    IAsyncEnumerable<JobResult> ReadResults(int from, CancellationToken cancellationToken);

    /// <summary>Which of so many shards from index <paramref name="from"/> on were opened; null when there is no such job.</summary>
    [Alias("GetShards")]
    Task<JobShards?> GetShards(int from, int count);

    /// <summary>The inputs of a shard, in order; null when there is no such job or shard.</summary>
    [Alias("GetInputs")]
    Task<IReadOnlyList<JobInput>?> GetInputs(int shard);

    /// <summary>Cancels what is open; a job that has ended stays as it is. Null when there is no such job.</summary>
    [Alias("Cancel")]
    Task<JobStatus?> Cancel(string reason);

    /// <summary>What a new job needs to run this one's failed inputs alone; null when there is no such job, it has not ended, or nothing failed.</summary>
    [Alias("PrepareRetry")]
    Task<JobSpec?> PrepareRetry();

    /// <summary>
    /// Deletes a job that has ended, with its shards, results and receipts; its blobs are collected later. False when it is still
    /// running. Idempotent: a deletion that broke off goes on when called again.
    /// </summary>
    [Alias("Delete")]
    Task<bool> Delete(CancellationToken cancellationToken);

    /// <summary>
    /// Of a job that has ended: has its results checked again that rest on owners found to lie since it was accepted; how many these are. What is wrong is replaced, and
    /// counted as <see cref="JobStatus.ShardsCorrected"/>. Idempotent.
    /// </summary>
    [ResponseTimeout("01:00:00"), Alias("Recheck")]
    Task<int> Recheck(IReadOnlyList<FoundOwner> found, CancellationToken cancellationToken);

    /// <summary>Start-up and reminders: goes on where the job stood. Idempotent.</summary>
    [Alias("Resume")]
    Task Resume();

    /// <summary>From the job itself, when its record could not be written: makes the grain anew from the store.</summary>
    [OneWay, Alias("Wake")]
    Task Wake();

    /// <summary>From a shard: it is closed. Idempotent; sent again until the job has it.</summary>
    [OneWay, Alias("ShardClosed")]
    Task ShardClosed(ShardOutcome outcome);

    /// <summary>From a shard: why its replicas cannot be placed now; null when they can again.</summary>
    [OneWay, Alias("ShardQueued")]
    Task ShardQueued(int shard, string? reason);

    /// <summary>From a shard, for those who watch.</summary>
    [OneWay, Alias("ShardEvent")]
    Task ShardEvent(JobEvent happened);
}

/// <summary>The output of one input.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobResult")]
public sealed record JobResult
{
    /// <summary>The input's place in the job, from 0.</summary>
    [Id(0)]
    public required int Index { get; init; }

    /// <summary>The input's name.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>The output, or the input's error.</summary>
    [Id(2)]
    public required ItemOutput Output { get; init; }

    /// <summary>The shard's receipt; null when the shard was given up.</summary>
    [Id(3)]
    public ReceiptId? Receipt { get; init; }

    /// <summary>How many replicas agreed on it.</summary>
    [Id(4)]
    public int Agreed { get; init; }

    /// <summary>How many replicas were issued for the shard.</summary>
    [Id(5)]
    public int Replicas { get; init; }

    /// <summary>Whether it may still be taken back: the job runs, and goes on checking.</summary>
    [Id(6)]
    public bool Provisional { get; init; }

    /// <summary>The probability that the output is right, at least, when an adaptive job was delivered; 0 to 1, null otherwise.</summary>
    [Id(7)]
    public double? Credibility { get; init; }
}
