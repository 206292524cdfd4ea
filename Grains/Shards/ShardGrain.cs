using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards.Segments;
using PiGrid.Grains.Scheduling;
using PiGrid.Grains.Security;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Telemetry;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>Applies <see cref="ShardRules"/>: decide, make durable, perform.</summary>
internal sealed partial class ShardGrain(
    [PersistentState("shard", GridStorage.Name)] IPersistentState<ShardRecord> record,
    IBlobStore blobs,
    IGridSigner signer,
    IOptions<JobOptions> options,
    IOptions<SegmentCheckOptions> segments,
    GridMetrics metrics,
    TimeProvider time,
    ILogger<ShardGrain> logger) : Grain, IShardGrain
{
    private ShardState _state = ShardState.New;
    private ShardId _id;
    private IGrainTimer? _timer;

    private IJobGrain Job => GrainFactory.GetGrain<IJobGrain>(_id.Job.Value);

    private IDispatcherGrain Dispatcher =>
        GrainFactory.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(_state.Spec!.Work.Model));

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = ShardId.Parse(this.GetPrimaryKeyString());
        if (record.State.Outcome is { } outcome)
        {
            var bytes = await ReadOutput(cancellationToken);
            var output = bytes is null ? null : ShardOutput.TryParse(bytes, out _);
            var receipt = record.State.Receipt?.Body;
            _state = ShardRules.Restore(
                record.State.Spec,
                outcome,
                output,
                receipt?.Output,
                (receipt?.Replicas ?? []).Where(r => r.Agreed).Select(r => r.Statement.Lease),
                ReceiptReader.Replicas(receipt, outcome, output, record.State.Output));
        }
    }

    public Task Open(ShardSpec spec)
    {
        OpenSpan(spec);
        return Apply(new ShardEvent.Opened(spec));
    }

    public Task Check(ShardCheck check) => Apply(new ShardEvent.CheckWanted(check));

    public Task Hurry() => Apply(new ShardEvent.Hurried());

    public Task Abandon(string reason) => Apply(new ShardEvent.Abandoned(reason));

    public Task ReplicaChanged(ReplicaChange change) => Apply(new ShardEvent.ReplicaChanged(change));

    public Task PlacementBlocked(string? reason, bool lacksOwners) => Apply(new ShardEvent.PlacementBlocked(reason, lacksOwners));

    public async Task ResultArrived(SignedResult result, ReplicaSender sender, DateTimeOffset at)
    {
        if (_state.Spec is not { } spec)
        {
            // The job has not opened the shard again since a restart: the node keeps the result and sends it again.
            return;
        }

        var (readable, problem) = await ResultReader.ReadAsync(result, spec, blobs, options.Value, CancellationToken.None);
        using var span = GridTrace.Start(SpanNames.Quorum, _span?.Id);
        await Apply(new ShardEvent.ResultArrived(result, sender, readable, problem));
        span?.SetTags(_state, problem);
    }

    public async Task Delete()
    {
        if (record.RecordExists)
        {
            await record.ClearStateAsync();
        }

        DeactivateOnIdle();
    }

    public Task<ShardOutcome?> GetOutcome() => Task.FromResult(record.State.Outcome);

    public async Task<ShardResult?> GetResult()
    {
        if (record.State.Receipt is not { } receipt || await ReadOutput(CancellationToken.None) is not { } bytes)
        {
            return null;
        }

        return new ShardResult
        {
            Output = ShardOutput.TryParse(bytes, out var problem) ?? throw new InvalidDataException($"The output of shard {_id} cannot be read: {problem}"),
            Receipt = receipt,
            Replicas = record.State.Outcome!.Replicas,
            Outcome = record.State.Outcome,
        };
    }

    public Task<ShardView> GetView() => Task.FromResult(ShardViews.Of(_id.Index, _state, record.State.Outcome));

    private async Task<byte[]?> ReadOutput(CancellationToken cancellationToken) =>
        record.State.Output
        ?? (record.State.OutputBlob is { } blob ? await blobs.ReadBytesAsync(blob.Sha256, options.Value.OutputBytesMax, cancellationToken) : null);

    private async Task Apply(ShardEvent happened)
    {
        var now = time.GetUtcNow();
        var step = ShardRules.Apply(_state, happened, now, Guid.NewGuid(), options.Value, segments.Value);
        _state = step.State;
        try
        {
            foreach (var command in step.Commands)
            {
                await Perform(command, now);
            }
        }
        catch (Exception e)
        {
            // What could not be made durable did not happen: the grain forgets, the job opens it again, and the nodes, who have no
            // verdict, send their results again.
            LogBroken(e, _id);
            DeactivateOnIdle();
            throw;
        }

        Wake(now);
    }

    private async Task Perform(ShardCommand command, DateTimeOffset now)
    {
        if (command is ShardCommand.TellEvidence evidence)
        {
            LogEvidence(_id, evidence.Node, evidence.Lease, evidence.Wrong, evidence.Detail);
        }

        if (_state.Spec is { } spec && GrainFactory.TryPerform(_id, spec.Work.Model, command) is { } told)
        {
            await told;
            return;
        }

        switch (command)
        {
            case ShardCommand.Keep keep:
                foreach (var bytes in keep.Blobs)
                {
                    await blobs.PutBytesAsync(bytes, CancellationToken.None);
                }

                break;
            case ShardCommand.Want want:
                await Dispatcher.Want(_span is null ? want.Request : want.Request with { Trace = _span.Id });
                break;
            case ShardCommand.Withdraw withdraw:
                await Dispatcher.Withdraw(new[] { withdraw.Request });
                break;
            case ShardCommand.Notify notify:
                await Job.ShardEvent(new JobEvent
                {
                    At = now,
                    Kind = notify.Kind,
                    Shard = _id.Index,
                    Node = notify.Node,
                    Lease = notify.Lease,
                    Detail = notify.Detail,
                });
                break;
            case ShardCommand.TellQueued queued:
                await Job.ShardQueued(_id.Index, queued.Reason);
                break;
            case ShardCommand.Accept accept:
                await Accept(accept, now);
                break;
            case ShardCommand.GiveUp giveUp:
                LogGivenUp(_id, giveUp.Reason);
                await Close(
                    new ShardRecord { Spec = _state.Spec },
                    new ShardOutcome
                    {
                        Index = _id.Index,
                        Accepted = false,
                        InputsFailed = _state.Spec?.Inputs.Count ?? 0,
                        Replicas = _state.Issued,
                        Error = giveUp.Reason,
                        At = now,
                    });
                break;
            case ShardCommand.ReportAgain when record.State.Outcome is { } outcome:
                await Job.ShardClosed(outcome);
                break;
            default:
                throw new InvalidOperationException($"Shard {_id} cannot perform {command}.");
        }
    }

    private async Task Accept(ShardCommand.Accept accept, DateTimeOffset now)
    {
        using var span = GridTrace.Start(SpanNames.Accept, _span?.Id);
        var spec = _state.Spec!;
        var output = accept.Canonical.Result!.Output;
        var bytes = accept.Canonical.Result.Signed.Output;
        var blob = bytes is null || bytes.Length > options.Value.InlineOutputBytesMax
            ? bytes is null
                ? await RequireUploaded(accept.Canonical.Result.Signed.Statement.Output)
                : await blobs.PutBytesAsync(bytes, CancellationToken.None)
            : null;
        var durable = new ShardRecord
        {
            Spec = spec,
            Receipt = ReceiptWriter.Write(spec, accept, now, signer),
            Output = blob is null ? bytes : null,
            OutputBlob = blob,
        };
        await Close(durable, new ShardOutcome
        {
            Index = _id.Index,
            Accepted = true,
            InputsFailed = output.Items.Count(i => i.Error is not null),
            Replicas = _state.Issued,
            At = now,
            Witnesses = accept.Witnesses.ToArray(),
            Audited = accept.Audited,
            Judged = accept.Judged.ToArray(),
        });
    }

    // Finding it keeps it from being collected until the record names it. One that is gone has the shard start over, and its nodes upload it again.
    private async Task<BlobRef> RequireUploaded(Sha256 output) => await blobs.FindAsync(output, CancellationToken.None)
        ?? throw new InvalidDataException($"The uploaded output {output} of shard {_id} is no longer there.");

    private async Task Close(ShardRecord durable, ShardOutcome outcome)
    {
        var changed = record.State is { Outcome: not null } before && before.Receipt?.Body.Output != durable.Receipt?.Body.Output;
        record.State = durable with { Outcome = outcome };
        await record.WriteStateAsync();
        metrics.ShardClosed(_state.Spec!.Work, outcome.Accepted, outcome.Replicas, outcome.At - _state.OpenedAt);
        CloseSpan(outcome.Accepted ? null : outcome.Error);
        await Job.ShardClosed(outcome with { Changed = changed });
    }

    private void Wake(DateTimeOffset now)
    {
        var at = ShardRules.WakeAt(_state, now, options.Value);
        if (at is null)
        {
            _timer?.Dispose();
            _timer = null;
            return;
        }

        var due = at.Value > now ? at.Value - now : TimeSpan.Zero;
        _timer ??= this.RegisterGrainTimer(
            _ => Apply(new ShardEvent.TimePassed()),
            new GrainTimerCreationOptions { DueTime = due, Period = Timeout.InfiniteTimeSpan, KeepAlive = true });
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} is given up: {Reason}")]
    private partial void LogGivenUp(ShardId shard, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Shard {Shard}: the result of node {Node} under lease {Lease} was checked; wrong: {Wrong}, {Detail}")]
    private partial void LogEvidence(ShardId shard, NodeId node, LeaseId lease, bool wrong, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} could not do what it decided and starts over")]
    private partial void LogBroken(Exception e, ShardId shard);
}
