using PiGrid.Grains.Scheduling;

namespace PiGrid.Tests.Scheduling;

/// <summary>A dispatcher without its grain: events in, decisions out, a clock that the test moves.</summary>
internal sealed class Dispatcher(SchedulingOptions? options = null)
{
    public DispatchBoard Board { get; } = new(options ?? new SchedulingOptions());

    public DateTimeOffset Now { get; set; } = Wishes.Start;

    /// <summary>What was given to whom so far, as (request, node).</summary>
    public List<(Guid Request, NodeId Node)> Given { get; } = [];

    /// <summary>The nodes that were asked to offer again so far.</summary>
    public List<NodeId> Asked { get; } = [];

    /// <summary>What shards were told so far.</summary>
    public List<(ShardId Shard, string? Reason)> Told { get; } = [];

    /// <summary>Whether the last shard that was told why it waits was told that owners are lacking.</summary>
    public bool LacksOwners { get; private set; }

    public IReadOnlyList<DispatchCommand> On(DispatchEvent happened)
    {
        var commands = DispatchRules.Apply(Board, happened, Now);
        foreach (var command in commands)
        {
            switch (command)
            {
                case DispatchCommand.Assign assign:
                    Given.Add((assign.Request.Id, assign.Node));
                    break;
                case DispatchCommand.AskOffer ask:
                    Asked.Add(ask.Node);
                    break;
                case DispatchCommand.Explain explain:
                    Told.Add((explain.Shard, explain.Reason));
                    LacksOwners = explain.LacksOwners;
                    break;
            }
        }

        return commands;
    }

    public void Offer(params NodeOffer[] offers) => Array.ForEach(offers, offer => On(new DispatchEvent.Offered(offer)));

    public void Want(params ReplicaRequest[] requests) => Array.ForEach(requests, request => On(new DispatchEvent.Wanted(request)));

    public void Withdraw(int request) => On(new DispatchEvent.Withdrawn(Wishes.Request(request)));

    public void Take(int node, int request) => On(new DispatchEvent.Assigned(Wishes.Node(node), Wishes.Request(request)));

    public void Refuse(int node, int request, bool forThisShard = false) =>
        On(new DispatchEvent.Refused(Wishes.Node(node), Wishes.Request(request), forThisShard));

    public void Pass(double seconds)
    {
        Now = Now.AddSeconds(seconds);
        On(new DispatchEvent.TimePassed());
    }

    /// <summary>What was given so far, by the small numbers.</summary>
    public void AssertGave(params (int Request, int Node)[] expected) =>
        Assert.Equal(expected.Select(e => (Wishes.Request(e.Request), Wishes.Node(e.Node))), Given);

    /// <summary>The reason that the shard was last told.</summary>
    public string? ReasonOf(int shard) => Told.LastOrDefault(told => told.Shard == Wishes.Shard(shard)).Reason;
}
