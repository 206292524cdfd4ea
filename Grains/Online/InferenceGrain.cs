using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Scheduling;
using PiGrid.Grains.Security;
using PiGrid.Grains.Shards;
using PiGrid.Grains.Shards.Segments;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Telemetry;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Models;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Online;

/// <summary>Applies <see cref="ShardRules"/> to one input, in memory alone: whoever waits for it is answered at once, and it is forgotten a while later.</summary>
/// <remarks>It lives on the silo that was called: its input need not travel to another one.</remarks>
[PreferLocalPlacement]
internal sealed partial class InferenceGrain(
    IBlobStore blobs,
    IGridSigner signer,
    OnlineKnowledge knowledge,
    KeptCalls kept,
    IOptions<JobOptions> jobOptions,
    IOptions<TrustOptions> trust,
    IOptions<OnlineOptions> options,
    GridMetrics metrics,
    TimeProvider time,
    ILogger<InferenceGrain> logger) : Grain, IInferenceGrain
{
    private static readonly SegmentCheckOptions Segments = new() { Enabled = false };

    // How soon a call is looked at again at the earliest: most are over by then, and a timer that is never due costs little.
    private static readonly TimeSpan LookAgainMin = TimeSpan.FromMilliseconds(10);

    // Its callers go on within the turn that answers: what is left to do for them is to hand the answer over.
    private readonly TaskCompletionSource<InferenceAnswer> _answered = new();

    // What a step leads to. Callers interleave, so a step may find another's here, which is as well.
    private readonly Queue<ShardEvent> _todo = new();
    private JobOptions _limits = new();
    private ShardState _state = ShardState.New;
    private ShardId _id;
    private InferenceCall? _call;
    private Sha256 _input;
    private byte[]? _inline;
    private OnlineView? _known;
    private Receipt? _receipt;
    private string? _queued;
    private bool _isChecked;
    private int _waiting;
    private DateTimeOffset _begunAt;
    private IGrainTimer? _timer;
    private IGrainTimer? _end;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = ShardId.Parse(this.GetPrimaryKeyString());
        _limits = OnlineRules.Limits(jobOptions.Value);
        return Task.CompletedTask;
    }

    public async Task<InferenceAnswer> Infer(InferenceCall call, CancellationToken cancellationToken)
    {
        var input = Sha256.Of(call.Input);
        if (_call is null)
        {
            (_call, _input, _begunAt) = (call with { Input = [] }, input, time.GetUtcNow());
            metrics.CallsUnderWay(1);
            OpenSpan(call);
            await Begin(call);
        }
        else if (_input != input || _call.Model != call.Model || _call.Policy != call.Policy || _call.Placement != call.Placement)
        {
            return new() { Failure = new(InferenceFailureCode.Conflict, "The idempotency key was used for another call lately: take a new one for each call.") };
        }

        _waiting++;
        try
        {
            return await _answered.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (_waiting > 1)
        {
            return Gone;
        }
        catch (OperationCanceledException)
        {
            Answer(Gone);
            await Stop("the caller went away");
            return Gone;
        }
        finally
        {
            _waiting--;
        }
    }

    public Task<Receipt?> GetReceipt()
    {
        if (_call is null)
        {
            DeactivateOnIdle();
        }

        return Task.FromResult(_receipt);
    }

    public Task ReplicaChanged(ReplicaChange change)
    {
        if (_call is not null)
        {
            return Apply(new ShardEvent.ReplicaChanged(change));
        }

        DeactivateOnIdle();
        return change.State is ReplicaState.Assigned or ReplicaState.Accepted
            ? GrainFactory.GetGrain<INodeGrain>(change.Node.Value).CancelLease(change.Lease, "the call is over")
            : Task.CompletedTask;
    }

    public async Task ResultArrived(SignedResult result, ReplicaSender sender, DateTimeOffset at)
    {
        if (_state.Spec is not { } spec)
        {
            var lease = result.Lease.Lease;
            DeactivateOnIdle();
            await GrainFactory.GetGrain<INodeGrain>(lease.Node.Value).Verdict(lease.Id, Verdict.TooLate, "the call is over");
            return;
        }

        var (readable, problem) = await ResultReader.ReadAsync(result, spec, blobs, _limits, CancellationToken.None);
        using var span = GridTrace.Start(SpanNames.Quorum, _span?.Id);
        await Apply(new ShardEvent.ResultArrived(result, sender, readable, problem));
        span?.SetTags(_state, problem);
    }

    public Task PlacementBlocked(string? reason, bool lacksOwners) =>
        _call is null ? Task.CompletedTask : Apply(new ShardEvent.PlacementBlocked(reason, lacksOwners));

    private static InferenceAnswer Gone => new() { Failure = new(InferenceFailureCode.Cancelled, "The caller went away.") };

    private static double Roll() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;

    private async Task Begin(InferenceCall call)
    {
        _end = this.RegisterGrainTimer(TimeUp, new GrainTimerCreationOptions { DueTime = Clamp(call.Timeout), Period = Timeout.InfiniteTimeSpan, KeepAlive = true });
        if (await knowledge.WorkAsync(call.Model) is not { } work)
        {
            var status = await GrainFactory.GetGrain<IModelGrain>(call.Model.Value).GetStatus();
            Fail(status is null
                ? new(InferenceFailureCode.UnknownModel, $"There is no model version {call.Model}.")
                : new(InferenceFailureCode.NotReady, $"The model version {call.Model} is {status.State.ToString().ToLowerInvariant()}: {status.Reason ?? "it is not ready"}."));
            return;
        }

        if (Invalid(call, work) is { } invalid)
        {
            Fail(new(InferenceFailureCode.Invalid, invalid));
            return;
        }

        _known = await knowledge.GetAsync(work.Template, call.Placement, CancellationToken.None);
        if (_known.Nodes.Slots == 0)
        {
            Fail(new(
                InferenceFailureCode.NoNode,
                $"No node is connected that can run {call.Model}{(call.Placement is { } terms ? $" and that the call allows ({terms})" : "")}: call again when one is."));
            return;
        }

        var blob = new BlobRef(_input, call.Input.Length);
        if (call.Input.Length <= options.Value.InlineInputBytesMax)
        {
            _inline = call.Input;
        }
        else
        {
            blob = await blobs.PutBytesAsync(call.Input, CancellationToken.None);
        }

        await Apply(new ShardEvent.Opened(new ShardSpec
        {
            Id = _id,
            Inputs = new[] { new ShardInput { Index = 0, Blob = blob } },

            // Committing to segments would make the caller wait; what is audited of calls is run again as a whole.
            Work = work.Template with { Segments = null },
            Policy = PlacementRules.InForce(call.Policy, call.Placement),
            Comparator = work.Comparator,
            Requester = call.Requester,
            Priority = JobPriority.High,
            Audits = _known.Nodes.HasOperator,
            Placement = call.Placement,
        }));
    }

    private string? Invalid(InferenceCall call, ModelWork work) =>
        call.Timeout <= TimeSpan.Zero || call.Timeout > options.Value.TimeoutMax
            ? FormattableString.Invariant($"timeout: it must be above 0 and at most {options.Value.TimeoutMax.TotalSeconds:0.###} s (Online:TimeoutMax), not {call.Timeout.TotalSeconds:0.###} s.")
        : call.Input.Length > work.Template.Limits.InputBytes
            ? $"input: it has {call.Input.Length} bytes; the model's manifest allows {work.Template.Limits.InputBytes}."
        : PlacementRules.Check(call.Placement).FirstOrDefault() is { } wrong ? $"{wrong.Field}: {wrong.Message}"
        : JobRules.CheckPolicy(call.Policy, call.Placement, work) is { } refused ? $"{refused.Field}: {refused.Message}"
        : null;

    private TimeSpan Clamp(TimeSpan timeout) => timeout <= TimeSpan.Zero ? TimeSpan.Zero : timeout < options.Value.TimeoutMax ? timeout : options.Value.TimeoutMax;

    private async Task Apply(ShardEvent happened)
    {
        _todo.Enqueue(happened);
        while (_todo.TryDequeue(out var next))
        {
            var now = time.GetUtcNow();
            var step = ShardRules.Apply(_state, next, now, Guid.NewGuid(), _limits, Segments);
            _state = step.State;

            // The caller waits for its answer, nobody for the rest.
            foreach (var command in step.Commands.OrderBy(static c => c is not ShardCommand.Accept))
            {
                await Perform(command, now);
            }
        }

        if (_state.Phase is ShardPhase.Accepted or ShardPhase.GivenUp && !_state.Replicas.Any(r => r.IsWanted || r.IsLive))
        {
            // No node will be given it any more, and answers are kept for longer than inputs fit into memory.
            _inline = null;
        }

        Wake();
    }

    private async Task Perform(ShardCommand command, DateTimeOffset now)
    {
        if (GrainFactory.TryPerform(_id, _call!.Model, command) is { } told)
        {
            await told;
            return;
        }

        switch (command)
        {
            case ShardCommand.Want want:
                await Dispatcher.Want(want.Request with { Inline = _inline is { } input ? new[] { input } : [], Trace = _span?.Id });
                break;
            case ShardCommand.Withdraw withdraw:
                await Dispatcher.Withdraw(new[] { withdraw.Request });
                break;
            case ShardCommand.Accept accept:
                await Accept(accept, now);
                break;
            case ShardCommand.GiveUp giveUp:
                Fail(new(InferenceFailureCode.GivenUp, giveUp.Reason));
                break;
            case ShardCommand.TellQueued queued:
                _queued = queued.Reason;
                break;
            case ShardCommand.Notify or ShardCommand.ReportAgain:
                // Nobody watches a call but its caller.
                break;
            default:
                throw new InvalidOperationException($"Call {_id} cannot perform {command}.");
        }
    }

    private IDispatcherGrain Dispatcher => GrainFactory.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(_call!.Model));

    private async Task Accept(ShardCommand.Accept accept, DateTimeOffset now)
    {
        if (_answered.Task.IsCompleted)
        {
            return;
        }

        if (_call!.Policy.Kind == PolicyKind.Adaptive && !_isChecked && !accept.Audited && accept.Witnesses is [var first, ..])
        {
            _isChecked = true;
            if (OnlineRules.FirstCheck(first.Passed, _known!, Roll(), Target) is { } check)
            {
                _todo.Enqueue(new ShardEvent.CheckWanted(check));
                return;
            }
        }

        var credibility = OnlineRules.Credibility(accept, _known!);
        var statement = accept.Canonical.Result!.Signed.Statement;
        Answer(new()
        {
            Output = accept.Canonical.Result.Output.Items[0],
            Receipt = new ReceiptId(_id),
            Replicas = _state.Issued,
            Credibility = credibility,
            QueueMs = Math.Max(0, (accept.Canonical.GivenAt - _begunAt).TotalMilliseconds),
            NodeMs = statement.TotalMs,
            ModelMs = statement.ModelMs,
        });

        // The caller goes on now; who asks for the receipt waits until this is through.
        await Task.Yield();
        using var span = GridTrace.Start(SpanNames.Accept, _span?.Id);
        _receipt = ReceiptWriter.Write(_state.Spec!, accept, now, signer, credibility);
        if (OnlineRules.IsAudited(accept, _known!, Roll(), trust.Value))
        {
            _todo.Enqueue(new ShardEvent.CheckWanted(new ShardCheck { Agreeing = _state.Agreeing, Audit = true, Audits = true }));
        }
    }

    private TrustOptions Target => _call!.Policy.Epsilon is { } epsilon ? trust.Value with { OnlineEpsilon = epsilon } : trust.Value;

    private void Fail(InferenceFailure failure)
    {
        if (!_answered.Task.IsCompleted)
        {
            LogFailed(_id, _call!.Model, failure.Code, failure.Message);
            Answer(new() { Failure = failure, Replicas = _state.Issued });
        }
    }

    private void Answer(InferenceAnswer answer)
    {
        if (!_answered.Task.IsCompleted)
        {
            metrics.CallsUnderWay(-1);
            CloseSpan(answer);
            metrics.CallAnswered(_call!.Model, answer, time.GetUtcNow() - _begunAt);
            _answered.SetResult(answer);
            _end?.Dispose();
            kept.Keep(Forget);
        }
    }

    private async Task TimeUp(CancellationToken cancellationToken)
    {
        var failure = OnlineRules.TimeUp(_state.Replicas.Any(r => !r.IsWanted), _state.Replicas.Any(r => r.Result is not null), _queued, _call!.Timeout);
        if (!_answered.Task.IsCompleted)
        {
            Fail(failure);
            await Stop("the caller's time is over");
        }
    }

    private Task Stop(string reason) => _state.Phase is ShardPhase.Open ? Apply(new ShardEvent.Abandoned(reason)) : Task.CompletedTask;

    private async Task Forget()
    {
        try
        {
            await Stop("the call is over");
        }
        finally
        {
            DeactivateOnIdle();
        }
    }

    private void Wake()
    {
        var now = time.GetUtcNow();
        if (ShardRules.WakeAt(_state, now, _limits) is not { } at)
        {
            _timer?.Dispose();
            _timer = null;
            return;
        }

        var due = at - now is var left && left > LookAgainMin ? left : LookAgainMin;
        _timer ??= this.RegisterGrainTimer(
            _ => Apply(new ShardEvent.TimePassed()),
            new GrainTimerCreationOptions { DueTime = due, Period = Timeout.InfiniteTimeSpan, KeepAlive = true });
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Call {Call} of {Model} failed ({Code}): {Reason}")]
    private partial void LogFailed(ShardId call, ModelRef model, InferenceFailureCode code, string reason);
}
