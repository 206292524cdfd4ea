using System.Collections.Immutable;
using PiGrid.Grains.Shards;

namespace PiGrid.Tests.Simulation;

/// <summary>Applies <see cref="ShardRules"/> as the shard's grain does.</summary>
internal sealed class VirtualShard : VirtualGrain
{
    // How long an activation stays in memory after its shard's end.
    private static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(15);

    private readonly ShardId _id;
    private readonly VirtualTimer _timer;
    private ShardState _state = ShardState.New;

    public VirtualShard(VirtualSilo silo, ShardId id)
        : base(silo)
    {
        _id = id;
        _timer = Timer(() => Apply(new ShardEvent.TimePassed()));
        if (silo.Grid.Store.Shards.TryGetValue(id, out var end))
        {
            _state = end.Restore();
        }
    }

    /// <summary>Something happens to it.</summary>
    public void Apply(ShardEvent happened)
    {
        if (happened is ShardEvent.ResultArrived && _state.Spec is null)
        {
            return;
        }

        var now = Now;
        var step = ShardRules.Apply(_state, happened, now, Silo.Grid.NewGuid(), Silo.Grid.Plan.Jobs, new());
        Silo.Grid.Watch.ShardStep(_id, happened, step);
        _state = step.State;
        Perform(step.Commands, 0, now);
    }

    private void Perform(ImmutableList<ShardCommand> commands, int from, DateTimeOffset now)
    {
        for (var i = from; i < commands.Count; i++)
        {
            switch (commands[i])
            {
                case ShardCommand.Accept accept:
                    Close(new ShardEnd(_state.Spec, Outcome(true, null, now), accept), commands, i + 1, now);
                    return;
                case ShardCommand.GiveUp giveUp:
                    Close(new ShardEnd(_state.Spec, Outcome(false, giveUp.Reason, now), null), commands, i + 1, now);
                    return;
                case var other:
                    Send(other);
                    break;
            }
        }

        if (ShardRules.WakeAt(_state, now, Silo.Grid.Plan.Jobs) is { } at)
        {
            _timer.Set(at - now);
        }
        else
        {
            _timer.Stop();
        }
    }

    private void Send(ShardCommand command)
    {
        switch (command)
        {
            case ShardCommand.Want want:
                Silo.ToDispatcher(d => d.Want(want.Request));
                break;
            case ShardCommand.Withdraw withdraw:
                Silo.ToDispatcher(d => d.Withdraw(withdraw.Request));
                break;
            case ShardCommand.TellEvidence tell:
                // No operator node is there whose word could blame anybody.
                Invariants.Require(!tell.Wrong, $"Shard {_id} blames node {tell.Node}: {tell.Detail}.");
                break;
            case ShardCommand.CancelLease cancel:
                Silo.ToNode(cancel.Node, n => n.CancelLease(cancel.Lease, cancel.Reason));
                break;
            case ShardCommand.TellVerdict tell:
                Invariants.CheckVerdict(_id, tell.Lease, tell.Verdict, Silo.Grid.Store.Shards.GetValueOrDefault(_id));
                Silo.ToNode(tell.Node, n => n.Verdict(tell.Lease, tell.Verdict, tell.Reason));
                break;
            case ShardCommand.ReportAgain when Silo.Grid.Store.Shards.TryGetValue(_id, out var end):
                Silo.ToJob(_id.Job, j => j.ShardClosed(end.Outcome));
                break;
            case ShardCommand.Notify or ShardCommand.TellQueued:
                break;
            default:
                throw new SimulationFailedException($"Shard {_id} cannot perform {command}.");
        }
    }

    private ShardOutcome Outcome(bool accepted, string? error, DateTimeOffset now) => new()
    {
        Index = _id.Index,
        Accepted = accepted,
        InputsFailed = accepted ? 0 : _state.Spec?.Inputs.Count ?? 0,
        Replicas = _state.Issued,
        Error = error,
        At = now,
    };

    private void Close(ShardEnd end, ImmutableList<ShardCommand> commands, int next, DateTimeOffset now) => Write(
        () => Silo.Grid.Store.Put(_id, end),
        () =>
        {
            Silo.ToJob(_id.Job, j => j.ShardClosed(end.Outcome));
            Perform(commands, next, now);
            Silo.Grid.Queue.After(IdleMax, Leave);
        },
        () => Silo.Forget(_id));

    private void Leave()
    {
        if (!IsGone)
        {
            Silo.Forget(_id);
        }
    }
}
