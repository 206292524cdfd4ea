using PiGrid.Batches;
using PiGrid.Models;

namespace PiGrid.Grains.Jobs;

// How a job ends, and what follows from that.
internal sealed partial class JobGrain
{
    // Shards whose records are deleted at once: they share a transaction.
    private const int DeletedAtOnce = 256;

    public async Task<JobStatus?> Cancel(string reason)
    {
        if (Running)
        {
            await End(JobRules.End(record.State, JobState.Cancelled, reason, time.GetUtcNow()));
        }

        return Exists ? Status() : null;
    }

    public async Task<bool> Delete(CancellationToken cancellationToken)
    {
        if (Running)
        {
            return false;
        }

        // The shards first: what is left of a deletion that breaks off is still known to the job, and the job to the registry.
        foreach (var batch in Enumerable.Range(0, record.State.ShardCount).Chunk(DeletedAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(batch.Select(shard => ShardOf(shard).Delete()));
        }

        if (record.RecordExists)
        {
            await record.ClearStateAsync(cancellationToken);
        }

        await Registry.Remove(_id.Value);
        DeactivateOnIdle();
        return true;
    }

    /// <summary>Makes the end durable, tells everyone, and takes back what is still open.</summary>
    private async Task End(JobRecord ended)
    {
        record.State = ended;
        await Write();
        metrics.JobEnded(ended.Work!.Kind, ended.State);
        Trace(ended);
        LogEnded(_id, ended.State, ended.Error);
        _events.Add(new JobEvent { At = ended.FinishedAt!.Value, Kind = JobEventKind.JobFinished, Detail = ended.State.ToString() });
        _events.End();
        await TellIncident(ended);
        await Conclude();
    }

    // A model that cannot be validated is an incident of its own.
    private Task TellIncident(JobRecord ended) => ended.Work!.Kind == WorkKind.Validate || (ended.State != JobState.Failed && ended.Progress.GivenUp == 0)
        ? Task.CompletedTask
        : GrainFactory.GetGrain<IIncidentsGrain>(IIncidentsGrain.Key).Report(
            IncidentKind.JobFailed,
            _id.Value,
            ended.State == JobState.Failed ? $"failed: {ended.Error}" : $"{ended.Progress.GivenUp} of {ended.ShardCount} shards were given up: {ended.Progress.LastError}");

    /// <summary>What follows from a durable end. Idempotent: the pump tries again until all of it is done, and so does the next start.</summary>
    private async Task Conclude()
    {
        var ended = record.State;
        if (ended.Work!.Kind == WorkKind.Validate)
        {
            var output = ended.Progress.Accepted > 0 ? (await ShardOf(0).GetResult())?.Output.Items[0] : null;
            await GrainFactory.GetGrain<IModelGrain>(ended.Work.Model.Value).ValidationEnded(_id, output, ended.Error);
        }

        foreach (var shard in _opened.Union(_trust?.Checking.Keys ?? []).ToArray())
        {
            await ShardOf(shard).Abandon(ended.Error ?? "the job is over");
        }

        _opened.Clear();
        await Enter(open: false, ended.AcceptedAt);
        await Admission.Leave(_id);
        if (ended.Spec!.Batch is { } batch)
        {
            await GrainFactory.GetGrain<IBatchGrain>(batch.Value).JobEnded(_id);
        }

        _pump?.Dispose();
        _pump = null;
    }
}
