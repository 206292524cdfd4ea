using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Shards;
using PiGrid.Grains.Telemetry;

namespace PiGrid.Grains.Scheduling;

/// <summary>
/// Applies <see cref="DispatchRules"/>. No method waits for another grain: nodes are asked in the background, many at a time, and their
/// answers come back as events between other calls, on this grain's own scheduler. Nothing is stored: when the grain starts, nodes are asked to
/// offer again, and shards ask again by themselves.
/// </summary>
internal sealed partial class DispatcherGrain(
    IOptions<SchedulingOptions> options, GridMetrics metrics, TimeProvider time, ILogger<DispatcherGrain> logger) : Grain, IDispatcherGrain
{
    private readonly DispatchBoard _board = new(options.Value);
    private readonly CensusBook _census = new(options.Value);
    private DateTimeOffset _now;
    private bool _stopping;
    private int _counted;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(
            () =>
            {
                Apply(new DispatchEvent.TimePassed());
                metrics.QueueOldest(this.GetPrimaryKeyString(), DispatchRules.OldestAskedAt(_board));
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = options.Value.ExplainPeriod, Period = options.Value.ExplainPeriod, KeepAlive = true });
        _ = AskForOffers();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _stopping = true;
        metrics.QueueMoved(-_counted);
        metrics.QueueOldest(this.GetPrimaryKeyString(), null);
        LogStopped(reason.ReasonCode, _board.Waiting);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Want(ReplicaRequest request) => Handle(new DispatchEvent.Wanted(request));

    /// <inheritdoc/>
    public Task Withdraw(IReadOnlyList<Guid> requests)
    {
        foreach (var request in requests)
        {
            Apply(new DispatchEvent.Withdrawn(request));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Offer(NodeOffer offer)
    {
        _census.Note(offer);
        return Handle(new DispatchEvent.Offered(offer));
    }

    /// <inheritdoc/>
    public Task<WorkForecast> Forecast(WorkTemplate work, PlacementTerms? placement, string requester) =>
        Task.FromResult(DispatchRules.Forecast(_board, work, placement, requester));

    /// <inheritdoc/>
    public Task<DispatcherBacklog> GetBacklog() => Task.FromResult(DispatchRules.Backlog(_board));

    /// <inheritdoc/>
    public Task<NodeCensus> GetCensus() => Task.FromResult(_census.ToCensus());

    private Task Handle(DispatchEvent happened)
    {
        Apply(happened);
        return Task.CompletedTask;
    }

    private void Apply(DispatchEvent happened)
    {
        // A clock that is set back must not bring the board's instants out of order.
        _now = time.GetUtcNow() is var now && now > _now ? now : _now;
        foreach (var command in DispatchRules.Apply(_board, happened, _now))
        {
            switch (command)
            {
                case DispatchCommand.Assign assign:
                    _ = Assign(assign);
                    break;
                case DispatchCommand.AskOffer ask:
                    _ = GrainFactory.GetGrain<INodeGrain>(ask.Node.Value).OfferAgain();
                    break;
                case DispatchCommand.Explain explain:
                    _ = GrainFactory.WatcherOf(explain.Shard).PlacementBlocked(explain.Reason, explain.LacksOwners);
                    break;
                default:
                    throw new InvalidOperationException($"Unknown command {command}.");
            }
        }

        var waiting = _board.Waiting;
        metrics.QueueMoved(waiting - _counted);
        _counted = waiting;
    }

    private async Task Assign(DispatchCommand.Assign assign)
    {
        var (node, request, pace) = assign;
        using var span = GridTrace.Start(SpanNames.Dispatch, request.Trace, request.AskedAt);
        span?.SetTag("pigrid.replica.purpose", GridMetrics.PurposeOf(request));
        span?.SetTag("pigrid.node.id", node.Value);
        AssignOutcome outcome;
        try
        {
            outcome = await GrainFactory.GetGrain<INodeGrain>(node.Value).Assign(request, pace);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever went wrong: the replica must not be lost. Should the node have it all the same, its shard makes use of it.
            LogNotAsked(e, node, request.Shard);
            outcome = new AssignOutcome { Refused = e.Message };
        }

        if (outcome.Lease is not null)
        {
            metrics.ReplicaGiven(request, time.GetUtcNow() - request.AskedAt);
            Apply(new DispatchEvent.Assigned(node, request.Id));
            return;
        }

        span?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, outcome.Refused);
        LogRefused(node, request.Shard, outcome.Refused ?? "no reason given");
        Apply(new DispatchEvent.Refused(node, request.Id, outcome.ForThisShard));
    }

    private async Task AskForOffers()
    {
        var asked = 0;
        foreach (var key in RegistryLists.KeysOf(RegistryLists.Nodes))
        {
            try
            {
                var nodes = await GrainFactory.GetGrain<IRegistryGrain>(key).List();
                foreach (var batch in nodes.Chunk(options.Value.OfferAgainBatch))
                {
                    if (_stopping)
                    {
                        return;
                    }

                    await Task.WhenAll(batch.Select(node => GrainFactory.GetGrain<INodeGrain>(node.Id).OfferAgain()));
                    asked += batch.Length;
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The others are asked all the same; a node that was missed offers itself with its next change.
                LogListUnread(e, key);
            }
        }

        LogStarted(asked);
    }
}
