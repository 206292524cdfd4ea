using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Grains.Scheduling;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Verification;

namespace PiGrid.Grains.Online;

/// <summary>
/// What calls need to know of the grid, for all calls of this silo: asked for again when it is older than <see cref="OnlineOptions.KnowledgeAge"/>, so that the
/// dispatcher and the trust grain are asked a few times a second at most, however many calls there are.
/// </summary>
internal sealed class OnlineKnowledge(IGrainFactory grains, IOptions<OnlineOptions> options, TimeProvider time)
{
    private const int ModelsMax = 10_000;

    private readonly ConcurrentDictionary<Sha256, (long At, WorkForecast Nodes)> _nodes = new();
    private volatile Trust? _trust;

    /// <summary>What is known, as of lately.</summary>
    /// <param name="work">What is to be run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<OnlineView> GetAsync(WorkTemplate work, CancellationToken cancellationToken)
    {
        var trust = _trust is { } lately && IsFresh(lately.At) ? lately : await AskTrustAsync(cancellationToken);

        // Nobody there: somebody may have connected since.
        var nodes = _nodes.TryGetValue(work.Manifest.Sha256, out var known) && IsFresh(known.At) && known.Nodes.Slots > 0
            ? known.Nodes
            : await AskNodesAsync(work, cancellationToken);
        return new(nodes, trust.Ledger, trust.Saboteurs);
    }

    private bool IsFresh(long at) => time.GetElapsedTime(at) < options.Value.KnowledgeAge;

    private async Task<Trust> AskTrustAsync(CancellationToken cancellationToken)
    {
        var at = time.GetTimestamp();
        var view = await grains.GetGrain<ITrustGrain>(ITrustGrain.Key).GetView(0).WaitAsync(cancellationToken);
        return _trust = new(at, new CheckLedger(view.Checks, view.Failures), view.Saboteurs);
    }

    private async Task<WorkForecast> AskNodesAsync(WorkTemplate work, CancellationToken cancellationToken)
    {
        var at = time.GetTimestamp();
        var nodes = await grains.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(work.Model)).Forecast(work, "").WaitAsync(cancellationToken);
        if (_nodes.Count >= ModelsMax)
        {
            _nodes.Clear();
        }

        _nodes[work.Manifest.Sha256] = (at, nodes);
        return nodes;
    }

    private sealed record Trust(long At, CheckLedger Ledger, double Saboteurs);
}
