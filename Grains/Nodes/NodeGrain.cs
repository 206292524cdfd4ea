using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using PiGrid.Grains.Security;
using PiGrid.Grains.Shards;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Telemetry;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Protocol;

namespace PiGrid.Grains.Nodes;

/// <summary>Applies <see cref="NodeRules"/> and <see cref="LeaseRules"/>: heartbeats end in its memory, only standing is written.</summary>
internal sealed partial class NodeGrain(
    [PersistentState("node", GridStorage.Name)] IPersistentState<NodeStanding> standing,
    [PersistentState("history", GridStorage.Name)] IPersistentState<NodeHistory> history,
    IBlobStore blobs,
    IGridSigner signer,
    SiloStart start,
    IOptions<NodeOptions> options,
    IOptions<TrustOptions> trust,
    GridMetrics metrics,
    TimeProvider time,
    ILogger<NodeGrain> logger) : Grain, INodeGrain
{
    // How long counts may stay unwritten.
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(30);

    // How often a connected node's history is written, and its offer brought up to date with the hour.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(20);

    // How long counts that could not be saved wait for the next attempt.
    private static readonly TimeSpan SaveRetry = TimeSpan.FromSeconds(15);

    private NodePresence _presence = NodePresence.Away;
    private INodeSession? _gateway;
    private VerifyingKey? _key;
    private IGrainTimer? _timer;
    private NodeId _id;
    private DateTimeOffset? _saveAt;
    private bool _isHistoryUnsaved;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = NodeId.Parse(this.GetPrimaryKeyString());

        // Offers count on over activations of this grain: the dispatcher tells old ones by their number.
        _presence = _presence with { Offers = time.GetUtcNow().UtcTicks };
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _key?.Dispose();
        CountOut();
        return _saveAt is null ? Task.CompletedTask : Save();
    }

    public async Task<NodeRecord> Enrol(NodeRecord record)
    {
        if (standing.State.Record is null)
        {
            standing.State = standing.State with { Record = record };
            await standing.WriteOrStartOverAsync(this);
            await GrainFactory.GetGrain<IRegistryGrain>(RegistryLists.KeyOf(RegistryLists.Nodes, _id.Value))
                .Put(new RegistryEntry(_id.Value, Open: false, record.EnrolledAt));
            LogEnrolled(_id, record.Owner, record.Operator);
        }

        return standing.State.Record;
    }

    public Task<NodeRecord?> GetRecord() => Task.FromResult(standing.State.Record);

    public async Task<ConnectOutcome> Connect(NodeConnection connection)
    {
        if (standing.State.Record is null)
        {
            return new ConnectOutcome { Refused = $"Node {_id} is not enrolled here; enrol it with a token." };
        }

        if (standing.State.BannedReason is { } banned)
        {
            return new ConnectOutcome { Refused = $"The owner of node {_id} is banned: {banned}" };
        }

        var reported = connection.Leases
            .Where(l => l.Lease.Node == _id && signer.Verify(CanonicalJson.Serialize(l.Lease), l.Signature))
            .Select(l => l.Lease)
            .ToArray();
        var before = _gateway;
        var (step, stop) = NodeRules.Connect(_presence, standing.State, connection, reported, time.GetUtcNow(), options.Value);

        // What the rules close is the session until now, what they push goes into the new one.
        if (before is not null && step.Commands.OfType<NodeCommand.Close>().FirstOrDefault() is { } close)
        {
            await TryClose(before, close.Reason);
        }

        _gateway = connection.Gateway;
        _heardStamp = time.GetTimestamp();
        Look(wasConnected: before is not null);
        await Apply(step with { Commands = step.Commands.RemoveAll(c => c is NodeCommand.Close) });
        LogConnected(_id, connection.Session, reported.Length);
        return new ConnectOutcome { Stop = stop };
    }

    public async Task Disconnect(Guid session, string reason, bool bySilo)
    {
        if (_presence.Session == session)
        {
            LookAway(dropped: !bySilo);
            await Apply(NodeRules.Disconnect(_presence, standing.State, session, reason, time.GetUtcNow()));
        }
    }

    public async Task<bool> Heartbeat(Guid session, NodeHeartbeat heartbeat)
    {
        if (_presence.Session != session)
        {
            return false;
        }

        HeedClock(time.GetUtcNow());
        _heardStamp = time.GetTimestamp();
        await Apply(NodeRules.Heartbeat(_presence, standing.State, session, heartbeat, time.GetUtcNow(), options.Value));
        if (_presence.Session is not null && history.State.Until + LookEvery <= time.GetUtcNow())
        {
            Look(wasConnected: true);
            await Offer();
        }

        return true;
    }

    public Task LeaseChanged(Guid session, LeaseId lease, ReplicaState state, string? reason) => _presence.Session == session
        ? Apply(LeaseRules.Change(_presence, standing.State, lease, state, reason, time.GetUtcNow()))
        : Task.CompletedTask;

    public async Task<ResultReceipt> Result(Guid session, SignedResult result)
    {
        var lease = result.Lease.Lease;
        if (ResultProblem(result) is { } problem)
        {
            LogInvalid(_id, lease.Id, problem);
            metrics.ResultJudged(Protocol.Verdict.Invalid);
            await Apply(LeaseRules.Refuse(_presence, standing.State, lease.Id, problem));
            return new ResultReceipt { Verdict = Protocol.Verdict.Invalid, Reason = problem };
        }

        var now = time.GetUtcNow();
        var sender = Sender(_presence.Leases.GetValueOrDefault(lease.Id)?.Work?.Model, now);
        CloseSpan(result.Statement, now);

        // Somebody may wait for the result, nobody for the slot; the verdict comes after both.
        await GrainFactory.WatcherOf(lease.Shard)
            .ResultArrived(result with { PublicKey = standing.State.Record!.PublicKey }, sender, now);
        await Apply(LeaseRules.Return(_presence, standing.State, lease.Id, now, options.Value));
        return new ResultReceipt();
    }

    public async Task<AssignOutcome> Assign(ReplicaRequest asked, ReplicaPace? pace)
    {
        if (WhyNot(asked.Placement) is { } forbidden)
        {
            await Offer();
            return new AssignOutcome { Refused = forbidden, ForThisShard = true };
        }

        var request = LeaseRules.Fit(asked, _presence.Profile);
        var (step, lease, outcome) = LeaseRules.Assign(
            _presence, standing.State, request, pace, NewId.Lease(), CanonicalJson.Digest(request.Order), time.GetUtcNow(), options.Value);
        if (lease is null)
        {
            return outcome;
        }

        var assignment = await AssignmentBuilder.BuildAsync(
            lease, request.Order, request.Inline, RenewalRules.Latest(lease, request.Deadline, options.Value), _presence.CachedModels, signer, blobs, options.Value, CancellationToken.None);
        await Apply(step with { Commands = step.Commands.Add(new NodeCommand.Push(new AssignMessage(assignment with { Trace = OpenSpan(request, lease.Id) }))) });
        return outcome;
    }

    public Task CancelLease(LeaseId lease, string reason) => Apply(LeaseRules.Cancel(_presence, standing.State, lease, reason, time.GetUtcNow()));

    public Task Verdict(LeaseId lease, Verdict verdict, string? reason)
    {
        LogVerdict(_id, lease, verdict, reason);
        metrics.ResultJudged(verdict);
        return Apply(LeaseRules.Judge(_presence, standing.State, new VerdictMessage(lease, verdict, reason), options.Value));
    }

    public Task OfferAgain() => Offer();

    public async Task<NodeStatus?> Drain(bool drain)
    {
        if (standing.State.Record is not null)
        {
            await Apply(NodeRules.Drain(_presence, standing.State, drain, options.Value));
        }

        return await GetStatus();
    }

    public Task OwnerBanned(string? reason) => Apply(NodeRules.Ban(_presence, standing.State, reason));

    public Task<NodeStatus?> GetStatus() =>
        Task.FromResult(standing.State.Record is null ? null : NodeRules.ToStatus(_presence, ReputationRules.Age(standing.State, time.GetUtcNow())) with
        {
            Availability = AvailabilityRules.Shares(AvailabilityRules.Look(history.State, _presence.Session is not null, start.At, time.GetUtcNow())),
            Reputation = Reputation(),
            ReputationDays = ReputationDayRules.Note(history.State.Days, Reputation(), time.GetUtcNow()),
            StaysAnHour = _presence.Session is null ? null : Stays(TimeSpan.FromHours(1)),
        });

    private string? ResultProblem(SignedResult result)
    {
        var lease = result.Lease.Lease;
        return standing.State.Record is null || lease.Node != _id ? "The lease is not this node's: a result counts under the node's own lease alone."
            : _presence.Leases.GetValueOrDefault(lease.Id)?.Lease != lease && !signer.Verify(CanonicalJson.Serialize(lease), result.Lease.Signature) ? "The lease was not signed by this grid: send back the signed lease of the assignment."
            : result.Statement.Lease != lease.Id ? "The signed statement is about another lease: sign one for each result."
            : !(_key ??= new VerifyingKey(standing.State.Record.PublicKey)).Verify(CanonicalJson.Serialize(result.Statement), result.Signature) ? "The statement's signature is not this node's: sign the canonical statement with the key that was enrolled."
            : null;
    }

    private async Task Apply(NodeStep step)
    {
        var next = ReputationRules.Follow(_presence, standing.State, step.Presence, step.Standing, time.GetUtcNow(), trust.Value);
        if (next.SuspendedUntil is not null && standing.State.SuspendedUntil is null && step.Standing.SuspendedUntil is null)
        {
            var suspended = NodeRules.Believe(step.Presence, next);
            step = suspended with { Commands = step.Commands.AddRange(suspended.Commands) };
        }

        _presence = step.Presence;
        if (next != standing.State)
        {
            await TellIncident(standing.State, next);
            standing.State = next;
            _saveAt ??= time.GetUtcNow() + SaveAfter;
        }

        foreach (var command in NodeRules.TellTier(step, TierOf(next)).Commands)
        {
            await Perform(command);
        }

        CountAnew();
        Wake();
    }

    private async Task Perform(NodeCommand command)
    {
        switch (command)
        {
            case NodeCommand.Push push:
                await TryPush(push.Message);
                break;
            case NodeCommand.Renew renew:
                LogRenewed(_id, renew.Lease.Id, renew.Lease.Deadline);
                await TryPush(new RenewMessage(new SignedLease(renew.Lease, signer.Sign(CanonicalJson.Serialize(renew.Lease)))));
                break;
            case NodeCommand.Close close when _gateway is { } gateway:
                _gateway = null;
                await TryClose(gateway, close.Reason);
                break;
            case NodeCommand.Tell tell:
                metrics.LeaseChanged(tell.State);
                await GrainFactory.WatcherOf(tell.Shard).ReplicaChanged(new ReplicaChange
                {
                    Request = tell.Request,
                    Lease = tell.Lease,
                    Node = _id,
                    Owner = standing.State.Record!.Owner,
                    HardwareClass = _presence.Profile?.HardwareClass ?? "unknown",
                    Operator = standing.State.Record.Operator,
                    Region = _presence.Profile?.Region ?? "unknown",
                    State = tell.State,
                    Deadline = tell.Deadline,
                    At = time.GetUtcNow(),
                    Reason = tell.Reason,
                    Pace = tell.Pace,
                    Kind = tell.Kind,
                });
                break;
            case NodeCommand.Challenge challenge:
                await Challenge(challenge.Model);
                break;
            case NodeCommand.Offer:
                await Offer();
                break;
            case NodeCommand.Save:
                await Save();
                break;
            default:
                break;
        }
    }

    private async Task TryPush(NodeMessage message)
    {
        if (_gateway is not { } gateway || _presence.Session is not { } session)
        {
            return;
        }

        try
        {
            await gateway.Push(message);
        }
        catch (Exception e)
        {
            // A gateway that cannot be reached is a node that is gone.
            LogUnreachable(e, _id, session);
            _gateway = null;
            LookAway(dropped: true);
            await Apply(NodeRules.Disconnect(_presence, standing.State, session, "its gateway cannot be reached", time.GetUtcNow()));
        }
    }

    private async Task TryClose(INodeSession gateway, string reason)
    {
        try
        {
            await gateway.Close(reason);
        }
        catch (Exception e)
        {
            LogUnreachable(e, _id, Guid.Empty);
        }
    }

    private async Task Save()
    {
        _saveAt = null;
        try
        {
            await standing.WriteStateAsync();
            await SaveHistory();
        }
        catch (Exception e) when (e is not InconsistentStateException)
        {
            // Counts can wait for a store that is away, and the node's session and leases need not end with them.
            _saveAt = time.GetUtcNow() + SaveRetry;
            throw;
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }

    private void Wake()
    {
        var now = time.GetUtcNow();
        var at = new[] { LeaseRules.WakeAt(_presence, options.Value), NodeRules.SuspectAt(_presence, options.Value), NodeRules.LostAt(_presence, options.Value), standing.State.SuspendedUntil, _saveAt }.Min();
        if (at is null)
        {
            _timer?.Dispose();
            _timer = null;
            return;
        }

        var due = at.Value > now ? at.Value - now : TimeSpan.Zero;
        _timer ??= this.RegisterGrainTimer(
            Age, new GrainTimerCreationOptions { DueTime = due, Period = Timeout.InfiniteTimeSpan, KeepAlive = true });
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private async Task Age(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_saveAt <= now)
        {
            await Save();
        }

        await HeedSilence(now);
        if (ReputationRules.Age(standing.State, now) is { SuspendedUntil: null } free && standing.State.SuspendedUntil is not null)
        {
            await Apply(new NodeStep(_presence, free, [new NodeCommand.Save(), new NodeCommand.Offer()]));
        }

        await Apply(LeaseRules.Age(_presence, standing.State, now, options.Value));
    }
}
