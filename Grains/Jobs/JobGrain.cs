using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Scheduling;
using PiGrid.Grains.Storage;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Grains.Jobs;

/// <summary>Applies <see cref="JobRules"/>: keeps the job's record durable, its window of shards open, and those who watch informed.</summary>
internal sealed partial class JobGrain(
    [PersistentState("job", GridStorage.Name)] IPersistentState<JobRecord> record,
    IBlobStore blobs,
    IOptions<JobOptions> options,
    TimeProvider time,
    ILogger<JobGrain> logger) : Grain, IJobGrain
{
    // Shards whose records are deleted at once: they share a transaction.
    private const int DeletedAtOnce = 256;

    private readonly JobEvents _events = new();
    private readonly HashSet<int> _opened = [];
    private InputIndex? _inputs;
    private IGrainTimer? _pump;
    private DateTimeOffset _checkpointAt;
    private bool _dirty;
    private bool _hurried;
    private JobId _id;
    private (int Shard, string Reason)? _queued;

    private IRegistryGrain Registry => GrainFactory.GetGrain<IRegistryGrain>(RegistryLists.KeyOf(RegistryLists.Jobs, _id.Value));

    private IAdmissionGrain Admission => GrainFactory.GetGrain<IAdmissionGrain>(IAdmissionGrain.Key);

    private TimeSpan Checkpoint => options.Value.Checkpoint;

    private bool Exists => record.State.Spec is not null;

    private bool Running => Exists && record.State.State == JobState.Running;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = JobId.Parse(this.GetPrimaryKeyString());
        if (Exists && !Running)
        {
            _events.Add(new JobEvent { At = record.State.FinishedAt!.Value, Kind = JobEventKind.JobFinished, Detail = record.State.State.ToString() });
            _events.End();
        }
        else if (Running)
        {
            // Whoever woke it: a write that failed may have ended the activation that opened its shards. Not at once: see Resume.
            StartPump(Checkpoint);
        }

        return Task.CompletedTask;
    }

    public async Task<JobAdmission> Submit(JobSpec spec, CancellationToken cancellationToken)
    {
        if (Exists)
        {
            if (Running)
            {
                // The first answer may have been a failure: the record was stored, its entry was not.
                await Enter(open: true, record.State.AcceptedAt);
            }

            return new JobAdmission { Accepted = Status() };
        }

        var now = time.GetUtcNow();
        var errors = JobValidator.Validate(spec, now, options.Value).ToList();
        var model = await GrainFactory.GetGrain<IModelGrain>(spec.Model.Value).GetWork();
        if (model is null)
        {
            errors.Add(await ExplainModel(spec.Model));
        }

        if (errors.Count > 0)
        {
            return new JobAdmission { Errors = errors };
        }

        var forecast = await Forecast(spec, model!);
        var inputMs = forecast.PerInput?.TotalMilliseconds ?? model!.InputMs;
        var (accepted, complaints) = await JobIntake.TakeAsync(spec, model! with { InputMs = inputMs }, now, options.Value, blobs, cancellationToken);
        if (accepted is null)
        {
            return new JobAdmission { Errors = complaints };
        }

        if (JobRules.CheckDeadline(accepted, JobRules.Shortest(accepted, forecast, inputMs), forecast, time.GetUtcNow()) is { } unmeetable)
        {
            return new JobAdmission { Errors = [unmeetable] };
        }

        var entry = await Admission.Enter(_id, spec.Requester ?? "");
        if (entry.RetryAfter is { } retryAfter)
        {
            return new JobAdmission { Errors = [new("", "overloaded", entry.Refused!)], RetryAfter = retryAfter };
        }

        await Begin(accepted with { AcceptedAt = time.GetUtcNow() });
        return new JobAdmission { Accepted = Status() };
    }

    public async Task StartValidation(WorkTemplate work, IReadOnlyList<BlobRef> ringers)
    {
        if (!Exists)
        {
            await Begin(JobRules.Validation(work, ringers, time.GetUtcNow()));
        }
        else if (!Running)
        {
            // The model asks because it has not heard of the end.
            await Conclude();
        }
    }

    public Task Wake() => Task.CompletedTask;

    public Task<JobStatus?> GetStatus() => Task.FromResult(Exists ? Status() : null);

    public IAsyncEnumerable<JobEvent> Watch(long after, CancellationToken cancellationToken) => _events.ReadAsync(after, cancellationToken);

    public async IAsyncEnumerable<JobResult> ReadResults(int from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Exists)
        {
            yield break;
        }

        await EnsureInputs(cancellationToken);
        for (var shard = from / record.State.ShardSize; shard < record.State.ShardCount; shard++)
        {
            var closed = record.State.Progress.IsClosed(shard);
            if (!closed && Running)
            {
                yield break;
            }

            foreach (var result in await ShardResults(shard, closed, cancellationToken))
            {
                if (result.Index >= from)
                {
                    yield return result;
                }
            }
        }
    }

    public async Task<JobStatus?> Cancel(string reason)
    {
        if (Running)
        {
            await End(JobRules.End(record.State, JobState.Cancelled, reason, time.GetUtcNow()));
        }

        return Exists ? Status() : null;
    }

    public async Task<JobSpec?> PrepareRetry()
    {
        if (!Exists || Running || record.State.Work!.Kind == WorkKind.Validate)
        {
            return null;
        }

        var failed = new List<JobInput>();
        await EnsureInputs(CancellationToken.None);
        await foreach (var result in ReadResults(0, CancellationToken.None))
        {
            if (result.Output.Error is not null)
            {
                failed.Add(await ReadInput(result.Index));
            }
        }

        var spec = record.State.Spec! with { RetryOf = _id, Deadline = null };
        return failed.Count == 0 ? null
            : failed.Count <= options.Value.InputsMax ? spec with { Inputs = failed }
            : spec with { InputIndex = await blobs.PutBytesAsync(InputIndex.Write(failed), CancellationToken.None) };
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

    public async Task Resume()
    {
        if (Running)
        {
            // All in the window, also those that it knows to be open: after an outage of the store their grains have forgotten. The first round is
            // waited for, so that after a restart a few jobs open their shards at a time.
            _opened.Clear();
            StartPump(Checkpoint);
            await Pump(CancellationToken.None);
        }
        else if (!Exists)
        {
            // The silo stopped between entering the job and writing it: nobody was told that it is accepted.
            await Registry.Remove(_id.Value);
        }
        else
        {
            // The silo stopped, or the disk was full, between the job's end and what follows from it.
            await Conclude();
        }
    }

    public async Task ShardClosed(ShardOutcome outcome)
    {
        if (!Running || record.State.Progress.IsClosed(outcome.Index))
        {
            return;
        }

        _events.Add(new JobEvent
        {
            At = outcome.At,
            Kind = outcome.Accepted ? JobEventKind.ShardAccepted : JobEventKind.ShardFailed,
            Shard = outcome.Index,
            Detail = outcome.Error,
        });
        _opened.Remove(outcome.Index);
        var next = JobRules.Close(record.State, outcome, time.GetUtcNow());
        if (next.State != JobState.Running)
        {
            await End(next);
            return;
        }

        record.State = next;
        _dirty = true;
        await HurryInTheTail();
        if (JobRules.WantsMoreOpen(next, _opened.Count, options.Value))
        {
            _pump?.Change(TimeSpan.Zero, Checkpoint);
        }
    }

    public async Task ShardQueued(int shard, string? reason)
    {
        if (reason is null && _queued?.Shard != shard)
        {
            return;
        }

        _queued = reason is null ? null : (shard, reason);
        if (reason is not null)
        {
            _events.Add(new JobEvent { At = time.GetUtcNow(), Kind = JobEventKind.JobQueued, Shard = shard, Detail = reason });
        }

        if (record.State.Work?.Kind == WorkKind.Validate)
        {
            await GrainFactory.GetGrain<IModelGrain>(record.State.Work.Model.Value).ValidationQueued(_id, reason);
        }
    }

    public Task ShardEvent(JobEvent happened)
    {
        _events.Add(happened);
        return Task.CompletedTask;
    }

    private JobStatus Status() => JobRules.ToStatus(_id, record.State, _queued?.Reason);

    private async Task<FieldError> ExplainModel(ModelRef model)
    {
        var status = await GrainFactory.GetGrain<IModelGrain>(model.Value).GetStatus();
        return status switch
        {
            null => new("model", "unknown_model", $"The grid has no model {model}; publish it first."),
            { State: ModelState.Pending } => new("model", "model_pending", $"Model {model} is not ready yet: {status.Reason}"),
            _ => new("model", "model_rejected", $"Model {model} was rejected: {status.Reason}"),
        };
    }

    /// <summary>What the dispatcher knows of the work, where it matters: a job that is cut into shards by size, or has a deadline.</summary>
    private async Task<WorkForecast> Forecast(JobSpec spec, ModelWork model) =>
        spec.Deadline is null && spec.Inputs?.Count < 2 * JobRules.ShardsAtLeast
            ? new WorkForecast(0, 0, null)
            : await GrainFactory.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(spec.Model)).Forecast(model.Template, spec.Requester ?? "");

    private async Task Begin(JobRecord accepted)
    {
        record.State = accepted;
        try
        {
            // Accepted when both are durable. After a crash between the two, an entry without a job is taken out at the next start, and a job
            // without an entry is harmless: nobody was told of it.
            await Task.WhenAll(Enter(open: true, accepted.AcceptedAt), record.WriteOrStartOverAsync(this));
        }
        catch
        {
            // Not durable, so not accepted: nothing may be seen of it.
            record.State = new JobRecord();
            await Admission.Leave(_id);
            throw;
        }

        LogAccepted(_id, accepted.Spec!.Model, accepted.InputCount, accepted.ShardCount);
        _events.Add(new JobEvent { At = accepted.AcceptedAt, Kind = JobEventKind.JobAccepted });
        StartPump(TimeSpan.Zero);
    }

    private Task Enter(bool open, DateTimeOffset createdAt) => Registry.Put(new RegistryEntry(_id.Value, open, createdAt, record.State.Spec?.Requester));

    private void StartPump(TimeSpan first)
    {
        _checkpointAt = time.GetUtcNow();
        _pump ??= this.RegisterGrainTimer(
            Pump,
            new GrainTimerCreationOptions { DueTime = first, Period = Checkpoint, KeepAlive = true });
    }

    /// <summary>Opens what the window lacks; at every checkpoint also writes progress and opens again what is still open.</summary>
    private async Task Pump(CancellationToken cancellationToken)
    {
        if (!Running)
        {
            await (Exists ? Conclude() : Task.CompletedTask);
            return;
        }

        var now = time.GetUtcNow();
        var aged = JobRules.Age(record.State, now);
        if (aged.State != JobState.Running)
        {
            await End(aged);
            return;
        }

        if (now - _checkpointAt >= Checkpoint)
        {
            _checkpointAt = now;
            _opened.Clear();
            _hurried = false;
            if (_dirty)
            {
                _dirty = false;
                await Write();
            }
        }

        await EnsureInputs(cancellationToken);
        foreach (var shard in JobRules.Window(record.State, options.Value.OpenShardsMax).Where(s => !_opened.Contains(s)).ToArray())
        {
            _opened.Add(shard);
            await ShardOf(shard).Open(await ShardSpecOf(shard, cancellationToken));
        }

        await HurryInTheTail();
        if (record.State.Spec!.Deadline is { } deadline && deadline - now is var left && left < Checkpoint)
        {
            _pump!.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Checkpoint);
        }
    }

    private async Task HurryInTheTail()
    {
        if (_hurried || !JobRules.IsTail(record.State, options.Value))
        {
            return;
        }

        // Every shard that is left is inside the window by now, or is told when the pump has opened it.
        _hurried = JobRules.Window(record.State, options.Value.OpenShardsMax).All(_opened.Contains);
        foreach (var shard in _opened)
        {
            await ShardOf(shard).Hurry();
        }
    }

    private IShardGrain ShardOf(int shard) => GrainFactory.GetGrain<IShardGrain>(new ShardId(_id, shard).Value);

    private async Task<ShardSpec> ShardSpecOf(int shard, CancellationToken cancellationToken)
    {
        var (first, count) = JobRules.InputsOf(record.State, shard);
        var inputs = count > 0 ? await _inputs!.ReadAsync(first, count, cancellationToken) : [];
        return new ShardSpec
        {
            Id = new ShardId(_id, shard),
            Inputs = inputs.Select((input, i) => new ShardInput { Index = first + i, Blob = input.Blob! }).ToArray(),
            Work = record.State.Work!,
            Policy = record.State.Policy,
            Comparator = record.State.Comparator!,
            Deadline = record.State.Spec!.Deadline,
            Requester = record.State.Spec.Requester ?? "",
            Priority = record.State.Spec.Priority,
        };
    }

    private async ValueTask EnsureInputs(CancellationToken cancellationToken) =>
        _inputs ??= record.State.Inputs is { } inline
            ? new InputIndex(inline)
            : await InputIndex.OpenAsync(record.State.Index!, record.State.ShardSize, blobs, each: null, cancellationToken);

    private async Task<JobInput> ReadInput(int index)
    {
        var (first, count) = JobRules.InputsOf(record.State, index / record.State.ShardSize);
        return (await _inputs!.ReadAsync(first, count, CancellationToken.None))[index - first];
    }

    private async Task<IReadOnlyList<JobResult>> ShardResults(int shard, bool closed, CancellationToken cancellationToken)
    {
        var (first, count) = JobRules.InputsOf(record.State, shard);
        var inputs = await _inputs!.ReadAsync(first, count, cancellationToken);
        var result = closed ? await ShardOf(shard).GetResult() : null;
        var why = record.State.Error ?? record.State.Progress.LastError ?? "the shard was given up";
        return inputs.Select((input, i) => new JobResult
        {
            Index = first + i,
            Name = input.Name,
            Output = result is not null && i < result.Output.Items.Count
                ? result.Output.Items[i]
                : new ItemOutput { Error = new ItemError(ItemErrorCode.GivenUp, why) },
            Receipt = result?.Receipt.Body.Id,
            Agreed = result?.Receipt.Body.Replicas.Count(r => r.Agreed) ?? 0,
            Replicas = result?.Replicas ?? 0,
        }).ToArray();
    }

    /// <summary>Makes the end durable, tells everyone, and takes back what is still open.</summary>
    private async Task End(JobRecord ended)
    {
        record.State = ended;
        await Write();
        LogEnded(_id, ended.State, ended.Error);
        _events.Add(new JobEvent { At = ended.FinishedAt!.Value, Kind = JobEventKind.JobFinished, Detail = ended.State.ToString() });
        _events.End();
        await Conclude();
    }

    /// <summary>What follows from a durable end. Idempotent: the pump tries again until all of it is done, and so does the next start.</summary>
    private async Task Conclude()
    {
        var ended = record.State;
        if (ended.Work!.Kind == WorkKind.Validate)
        {
            var output = ended.Progress.Accepted > 0 ? (await ShardOf(0).GetResult())?.Output.Items[0] : null;
            await GrainFactory.GetGrain<IModelGrain>(ended.Work.Model.Value).ValidationEnded(_id, output, ended.Error);
        }

        foreach (var shard in _opened.ToArray())
        {
            await ShardOf(shard).Abandon(ended.Error ?? "the job is over");
        }

        _opened.Clear();
        await Enter(open: false, ended.AcceptedAt);
        await Admission.Leave(_id);
        _pump?.Dispose();
        _pump = null;
    }

    /// <summary>Writes the record. A failure ends this activation; the next one goes on at its first checkpoint, whether anybody asks for the job or not.</summary>
    private async Task Write()
    {
        try
        {
            await record.WriteOrStartOverAsync(this);
        }
        catch
        {
            await GrainFactory.GetGrain<IJobGrain>(_id.Value).Wake();
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} accepted: {Model}, {Inputs} inputs in {Shards} shards")]
    private partial void LogAccepted(JobId job, ModelRef model, int inputs, int shards);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} is {State}: {Reason}")]
    private partial void LogEnded(JobId job, JobState state, string? reason);
}
