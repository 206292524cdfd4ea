using PiGrid.Grains.Scheduling;

namespace PiGrid.Tests.Simulation;

/// <summary>Applies <see cref="DispatchRules"/> as the dispatcher's grain does.</summary>
internal sealed class VirtualDispatcher : VirtualGrain
{
    // What a call that is not answered takes until it counts as failed.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);

    private readonly VirtualTimer _period;
    private DateTimeOffset _now;

    public VirtualDispatcher(VirtualSilo silo)
        : base(silo)
    {
        Board = new DispatchBoard(silo.Grid.Plan.Scheduling);
        _period = Timer(Tick);
        _period.Set(silo.Grid.Plan.Scheduling.ExplainPeriod);
        foreach (var agent in silo.Grid.Agents)
        {
            silo.ToNode(agent.Id, n => n.OfferAgain());
        }
    }

    /// <summary>What it knows.</summary>
    public DispatchBoard Board { get; }

    public void Want(ReplicaRequest request) => Apply(new DispatchEvent.Wanted(request));

    public void Withdraw(Guid request) => Apply(new DispatchEvent.Withdrawn(request));

    public void Offer(NodeOffer offer) => Apply(new DispatchEvent.Offered(offer));

    private void Tick()
    {
        Apply(new DispatchEvent.TimePassed());
        _period.Set(Silo.Grid.Plan.Scheduling.ExplainPeriod);
    }

    private void Apply(DispatchEvent happened)
    {
        _now = Now > _now ? Now : _now;
        foreach (var command in DispatchRules.Apply(Board, happened, _now))
        {
            switch (command)
            {
                case DispatchCommand.Assign assign:
                    Assign(assign.Node, assign.Request, assign.Pace);
                    break;
                case DispatchCommand.AskOffer ask:
                    Silo.ToNode(ask.Node, n => n.OfferAgain());
                    break;
                case DispatchCommand.Explain explain:
                    Silo.ToShard(explain.Shard, new Grains.Shards.ShardEvent.PlacementBlocked(explain.Reason, explain.LacksOwners));
                    break;
                default:
                    throw new SimulationFailedException($"Unknown command {command}.");
            }
        }
    }

    /// <summary>The call or its answer may be lost: then it counts as refused, whether the node has the replica or not.</summary>
    private void Assign(NodeId node, ReplicaRequest request, ReplicaPace? pace)
    {
        var answered = false;
        void Answer(AssignOutcome outcome)
        {
            if (!answered)
            {
                answered = true;
                Apply(outcome.Lease is null
                    ? new DispatchEvent.Refused(node, request.Id, outcome.ForThisShard)
                    : new DispatchEvent.Assigned(node, request.Id));
            }
        }

        var asked = Silo.CallNode(node, n =>
        {
            var taken = n.Assign(request, pace);
            if (!Silo.Answer(this, () => Answer(taken)))
            {
                Silo.Grid.Queue.After(ResponseTimeout, () => Deliver(() => Answer(new AssignOutcome())));
            }
        });
        if (!asked)
        {
            Silo.Grid.Queue.After(ResponseTimeout, () => Deliver(() => Answer(new AssignOutcome())));
        }
    }
}
