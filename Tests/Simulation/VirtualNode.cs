using System.Collections.Immutable;
using PiGrid.Grains.Nodes;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.Simulation;

/// <summary>Applies <see cref="NodeRules"/> and <see cref="LeaseRules"/> as the node's grain does.</summary>
internal sealed class VirtualNode : VirtualGrain
{
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(20);
    private static readonly Sha256 Order = Sha256.Of([7]);

    private readonly NodeId _id;
    private readonly VirtualTimer _timer;
    private NodePresence _presence;
    private NodeStanding _standing;
    private NodeHistory _history;
    private VirtualLink? _gateway;
    private DateTimeOffset? _saveAt;

    public VirtualNode(VirtualSilo silo, NodeId id)
        : base(silo)
    {
        _id = id;
        _timer = Timer(Age);
        (_standing, _history) = silo.Grid.Store.Node(id);
        _presence = NodePresence.Away with
        {
            Offers = Now.UtcTicks,
            Leases = ImmutableDictionary.Create<LeaseId, HeldLease>(StableHash.OfLeases),
        };
    }

    private NodeOptions Options => Silo.Grid.Plan.Nodes;

    public IReadOnlyList<LeaseId> Connect(VirtualLink link, NodeConnection connection)
    {
        var before = _gateway;
        var (step, stop) = NodeRules.Connect(_presence, _standing, connection, connection.Leases.Select(l => l.Lease).ToArray(), Now, Options);
        if (before is not null && step.Commands.OfType<NodeCommand.Close>().Any())
        {
            before.CloseBySilo();
        }

        _gateway = link;
        Look(wasConnected: before is not null);
        Apply(step with { Commands = step.Commands.RemoveAll(c => c is NodeCommand.Close) });
        return stop;
    }

    public void Disconnect(Guid session, string reason)
    {
        if (_presence.Session == session)
        {
            LookAway();
            Apply(NodeRules.Disconnect(_presence, _standing, session, reason, Now));
        }
    }

    public void Heartbeat(Guid session, NodeHeartbeat heartbeat)
    {
        Apply(NodeRules.Heartbeat(_presence, _standing, session, heartbeat, Now, Options));
        if (_presence.Session is not null && _history.Until + LookEvery <= Now)
        {
            Look(wasConnected: true);
            Offer();
        }
    }

    public void LeaseChanged(Guid session, LeaseId lease, ReplicaState state, string? reason)
    {
        if (_presence.Session == session)
        {
            Apply(LeaseRules.Change(_presence, _standing, lease, state, reason, Now));
        }
    }

    /// <summary>A result; <paramref name="problem"/> says what the shard finds wrong with its output.</summary>
    public void Result(SignedResult result, ShardOutput output, string? problem)
    {
        var lease = result.Lease.Lease;
        Apply(LeaseRules.Return(_presence, _standing, lease.Id, Now, Options));
        Silo.ToShard(lease.Shard, new Grains.Shards.ShardEvent.ResultArrived(
            result, new PiGrid.Verification.ReplicaSender { Owner = _standing.Record!.Owner, Operator = _standing.Record.Operator }, problem is null ? new Grains.Shards.ReturnedResult(result, output) : null, problem));
    }

    public AssignOutcome Assign(ReplicaRequest request, ReplicaPace? pace)
    {
        var (step, lease, outcome) = LeaseRules.Assign(
            _presence, _standing, request, pace, LeaseId.FromBytes(Silo.Grid.Ids.Bytes16()), Order, Now, Options);
        if (lease is null)
        {
            return outcome;
        }

        var assignment = new Assignment { Lease = new SignedLease(lease, []), Order = request.Order, Grant = "" };
        Silo.Grid.Watch.Issued(lease, request.Hedge);
        Apply(step with { Commands = step.Commands.Add(new NodeCommand.Push(new AssignMessage(assignment))) });
        return outcome;
    }

    public void CancelLease(LeaseId lease, string reason) => Apply(LeaseRules.Cancel(_presence, _standing, lease, reason, Now));

    public void Verdict(LeaseId lease, Verdict verdict, string? reason)
    {
        var before = _standing.Tally;
        Apply(LeaseRules.Judge(_presence, _standing, new VerdictMessage(lease, verdict, reason), Options));
        Silo.Grid.Watch.Judged(lease, before, _standing.Tally);
    }

    public void OfferAgain() => Offer();

    private void Apply(NodeStep step)
    {
        _presence = step.Presence;
        if (step.Standing != _standing)
        {
            _standing = step.Standing;
            _saveAt ??= Now + SaveAfter;
        }

        foreach (var command in step.Commands)
        {
            Perform(command);
        }

        Wake();
    }

    private void Perform(NodeCommand command)
    {
        switch (command)
        {
            case NodeCommand.Push push:
                Push(push.Message);
                break;
            case NodeCommand.Close when _gateway is { } gateway:
                _gateway = null;
                gateway.CloseBySilo();
                break;
            case NodeCommand.Tell tell:
                Silo.ToShard(tell.Shard, new Grains.Shards.ShardEvent.ReplicaChanged(new ReplicaChange
                {
                    Request = tell.Request,
                    Lease = tell.Lease,
                    Node = _id,
                    Owner = _standing.Record!.Owner,
                    HardwareClass = _presence.Profile?.HardwareClass ?? "unknown",
                    State = tell.State,
                    Deadline = tell.Deadline,
                    At = Now,
                    Reason = tell.Reason,
                    Pace = tell.Pace,
                }));
                break;
            case NodeCommand.Renew renew:
                Push(new RenewMessage(new SignedLease(renew.Lease, [])));
                break;
            case NodeCommand.Offer:
                Offer();
                break;
            case NodeCommand.Save:
                Save();
                break;
            default:
                break;
        }
    }

    private void Offer()
    {
        _presence = _presence with { Offers = Math.Max(_presence.Offers + 1, Now.UtcTicks) };
        if (NodeRules.ToOffer(_presence, _standing) is { } known)
        {
            var offer = known with { Stays = AvailabilityRules.Stays(_history, Now, Options.StayHorizon) };
            _presence = _presence with { Finished = [] };
            Silo.ToDispatcher(d => d.Offer(offer));
        }
    }

    private void Look(bool wasConnected)
    {
        _history = AvailabilityRules.Look(_history, wasConnected, Silo.StartedAt.At, Now);
        _saveAt ??= Now + SaveAfter;
    }

    private void LookAway()
    {
        Look(wasConnected: true);
        _history = AvailabilityRules.Drop(_history, Now);
    }

    private void Push(NodeMessage message)
    {
        if (_gateway is { } gateway && _presence.Session is { } session && !gateway.TryPush(message))
        {
            _gateway = null;
            LookAway();
            Apply(NodeRules.Disconnect(_presence, _standing, session, "its gateway cannot be reached", Now));
        }
    }

    private void Save()
    {
        _saveAt = null;
        Silo.Grid.Store.Put(_id, _standing, _history);
    }

    private void Wake()
    {
        var at = Earlier(
            Earlier(LeaseRules.WakeAt(_presence, Options), NodeRules.SuspectAt(_presence, Options)),
            Earlier(NodeRules.LostAt(_presence, Options), _saveAt));
        if (at is { } due)
        {
            _timer.Set(due - Now);
        }
        else
        {
            _timer.Stop();
        }
    }

    private void Age()
    {
        var now = Now;
        if (_saveAt <= now)
        {
            Save();
        }

        if (NodeRules.SuspectAt(_presence, Options) <= now)
        {
            Apply(NodeRules.Suspect(_presence, _standing, now));
        }

        if (NodeRules.LostAt(_presence, Options) <= now && _presence.Session is { } session)
        {
            _gateway?.CloseBySilo();
            _gateway = null;
            LookAway();
            Apply(NodeRules.Disconnect(_presence, _standing, session, "no heartbeat came", now));
        }

        Apply(LeaseRules.Age(_presence, _standing, now, Options));
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => b is null || a < b ? a : b;
}
