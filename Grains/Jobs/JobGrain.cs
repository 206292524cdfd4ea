using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Security;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Telemetry;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Models;

namespace PiGrid.Grains.Jobs;

/// <summary>Applies <see cref="JobRules"/>: keeps the job's record durable, its window of shards open, and those who watch informed.</summary>
internal sealed partial class JobGrain(
    [PersistentState("job", GridStorage.Name)] IPersistentState<JobRecord> record,
    IBlobStore blobs,
    IOptions<JobOptions> options,
    IOptions<TrustOptions> trustOptions,
    IGridSigner signer,
    GridMetrics metrics,
    TimeProvider time,
    ILogger<JobGrain> logger) : Grain, IJobGrain
{
    private readonly JobEvents _events = new();
    private readonly HashSet<int> _opened = [];
    private InputIndex? _inputs;
    private IGrainTimer? _pump;
    private DateTimeOffset _checkpointAt;
    private bool _dirty;
    private bool _hurried;
    private JobId _id;
    private ImmutableList<(int Shard, string Reason)> _queued = QueueRules.None;

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
            // What an adaptive job knows of its results is with its shards: they all report again.
            record.State = JobRules.IsAdaptive(record.State) ? record.State with { Progress = JobProgress.None } : record.State;

            // Whoever woke it: a write that failed may have ended the activation that opened its shards. Not at once: see Resume.
            StartPump(Checkpoint);
        }

        return Task.CompletedTask;
    }

    public Task Wake() => Task.CompletedTask;

    public Task<JobStatus?> GetStatus() => Task.FromResult(Exists ? Status() : null);

    public IAsyncEnumerable<JobEvent> Watch(long after, CancellationToken cancellationToken) => _events.ReadAsync(after, cancellationToken);

    public async Task ShardQueued(int shard, string? reason)
    {
        // Words that a closed shard said before come late; but one that is checked further waits again.
        if (!Running || (record.State.Progress.IsClosed(shard) && _trust?.Checking.ContainsKey(shard) != true))
        {
            return;
        }

        if (reason is not null)
        {
            _events.Add(new JobEvent { At = time.GetUtcNow(), Kind = JobEventKind.JobQueued, Shard = shard, Detail = reason });
        }

        await Queue(shard, reason);
    }

    public Task ShardEvent(JobEvent happened)
    {
        _events.Add(happened);
        return Task.CompletedTask;
    }

    /// <summary>Enters why a shard waits, or that it does not, and tells the model whose validation it is what this comes to.</summary>
    private async Task Queue(int shard, string? reason)
    {
        var before = QueueRules.ReasonOf(_queued);
        _queued = QueueRules.Hear(_queued, shard, reason);
        if (record.State.Work?.Kind == WorkKind.Validate && QueueRules.ReasonOf(_queued) is var now && now != before)
        {
            await GrainFactory.GetGrain<IModelGrain>(record.State.Work.Model.Value).ValidationQueued(_id, now);
        }
    }

    private JobStatus Status()
    {
        var reason = QueueRules.ReasonOf(_queued);
        return JobRules.ToStatus(_id, record.State, reason) with
        {
            ShardsChecking = Running ? _trust?.Checking.Count ?? 0 : 0,
            ExpectedStart = Running && reason is not null ? JobRules.ExpectedStart(record.State, _forecast, time.GetUtcNow()) : null,
        };
    }

    private IShardGrain ShardOf(int shard) => GrainFactory.GetGrain<IShardGrain>(new ShardId(_id, shard).Value);

    private async ValueTask EnsureInputs(CancellationToken cancellationToken) =>
        _inputs ??= record.State.Inputs is { } inline
            ? new InputIndex(inline)
            : await InputIndex.OpenAsync(record.State.Index!, record.State.ShardSize, blobs, each: null, cancellationToken);

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
