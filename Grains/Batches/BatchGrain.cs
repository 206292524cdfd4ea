using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Batches;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Batches;

/// <summary>
/// Applies <see cref="BatchRules"/>. A timer does the batch's work, one step after the other, while calls are answered between its awaits; every change of the record is
/// made from the record as it is then, and is durable before the next step. So wherever the silo stops, the next activation does the step again that was under way:
/// ids of jobs and files follow from the batch's, and what is there already is left as it is.
/// </summary>
internal sealed partial class BatchGrain(
    [PersistentState("batch", GridStorage.Name)] IPersistentState<BatchRecord> record,
    IBlobStore blobs,
    IBatchCalls calls,
    BatchTurns turns,
    IOptions<BatchOptions> options,
    IOptions<BlobOptions> blobOptions,
    TimeProvider time,
    ILogger<BatchGrain> logger) : Grain, IBatchGrain, IDisposable
{
    // One write after the other: a batch is cancelled while its work goes on.
    private readonly SemaphoreSlim _writing = new(1);
    private IGrainTimer? _pump;
    private BatchId _id;

    // What is durable, which is all that is told: calls are answered while a change is being written.
    private BatchRecord _told = new();

    private IRegistryGrain Registry => GrainFactory.GetGrain<IRegistryGrain>(RegistryLists.KeyOf(RegistryLists.Batches, _id.Value));

    private bool Exists => record.State.Spec is not null;

    private bool Running => Exists && !BatchRules.IsTerminal(record.State.State);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = BatchId.Parse(this.GetPrimaryKeyString());
        _told = record.State;
        if (Running)
        {
            StartPump(TimeSpan.Zero);
        }

        return Task.CompletedTask;
    }

    public async Task<BatchStatus> Create(BatchSpec spec)
    {
        if (!Exists)
        {
            var accepted = BatchRules.Accept(spec, time.GetUtcNow());

            // In the registry first: after a crash between the two, an entry without a batch is taken out at the next start.
            await Enter(accepted);
            await Change(_ => accepted);
            LogAccepted(_id, spec.File);
            StartPump(TimeSpan.Zero);
        }

        return await Status();
    }

    public async Task<BatchStatus?> GetStatus() => _told.Spec is not null ? await Status() : null;

    public async Task<BatchStatus?> Cancel()
    {
        if (Running)
        {
            await Change(now => BatchRules.Cancel(record.State, now));
            StartPump(TimeSpan.Zero);
        }

        return await GetStatus();
    }

    public async Task<bool> Delete()
    {
        if (Running)
        {
            return false;
        }

        if (record.RecordExists)
        {
            await record.ClearStateAsync();
            _told = record.State = new BatchRecord();
        }

        await Registry.Remove(_id.Value);
        DeactivateOnIdle();
        return true;
    }

    public async Task Resume()
    {
        if (Running)
        {
            StartPump(TimeSpan.Zero);
        }
        else if (Exists)
        {
            // The silo stopped between the batch's end and its entry.
            await Enter(record.State);
        }
        else
        {
            // The silo stopped before the batch was durable: nobody was told of it.
            await Registry.Remove(_id.Value);
        }
    }

    public Task Wake() => Task.CompletedTask;

    public Task JobEnded(JobId job)
    {
        if (Running)
        {
            StartPump(TimeSpan.Zero);
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _writing.Dispose();

    private async Task<BatchStatus> Status()
    {
        var told = _told;
        var jobs = BatchRules.IsTerminal(told.State) ? [] : await Task.WhenAll(told.Jobs.Select(JobStatusOf));
        return BatchRules.ToStatus(_id, told, jobs);
    }

    private Task<JobStatus?> JobStatusOf(BatchJob job) => job.State is BatchJobState.Waiting or BatchJobState.Refused
        ? Task.FromResult<JobStatus?>(null)
        : JobOf(job).GetStatus();

    private IJobGrain JobOf(BatchJob job) => GrainFactory.GetGrain<IJobGrain>(job.Id.Value);

    private Task Enter(BatchRecord entered) => Registry.Put(
        new RegistryEntry(_id.Value, !BatchRules.IsTerminal(entered.State), entered.Times.CreatedAt, entered.Spec!.Requester));

    /// <summary>Makes a change durable; one that changes nothing is not written.</summary>
    private async Task Change(Func<DateTimeOffset, BatchRecord> rule)
    {
        await _writing.WaitAsync();
        try
        {
            var (before, next) = (record.State, rule(time.GetUtcNow()));
            if (ReferenceEquals(before, next))
            {
                return;
            }

            record.State = next;
            await Write();
            _told = next;
            if (before.State != next.State)
            {
                LogState(_id, next.State);
            }
        }
        finally
        {
            _writing.Release();
        }

        if (!Running)
        {
            await Enter(record.State);
        }
    }

    /// <summary>Writes the record. A failure ends this activation; the next one goes on, whether anybody asks for the batch or not.</summary>
    private async Task Write()
    {
        try
        {
            await record.WriteOrStartOverAsync(this);
        }
        catch
        {
            await GrainFactory.GetGrain<IBatchGrain>(_id.Value).Wake();
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch {Batch} of {File} accepted")]
    private partial void LogAccepted(BatchId batch, FileId file);

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch {Batch} is {State}")]
    private partial void LogState(BatchId batch, BatchState state);
}
