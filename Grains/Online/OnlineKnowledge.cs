using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Scheduling;
using PiGrid.Models;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Verification;

namespace PiGrid.Grains.Online;

/// <summary>
/// What calls need to know of the grid, for all calls of this silo: never older than <see cref="OnlineOptions.KnowledgeAge"/>, so that the dispatcher and the trust
/// grain are asked a few times a second at most, however many calls there are. From half that age on it is asked for again beside the calls, so that none waits.
/// </summary>
internal sealed class OnlineKnowledge(IGrainFactory grains, IOptions<OnlineOptions> options, TimeProvider time)
{
    private const int ModelsMax = 10_000;

    private readonly ConcurrentDictionary<(Sha256 Manifest, PlacementTerms? Placement), (long At, WorkForecast Nodes)> _nodes = new();
    private readonly ConcurrentDictionary<ModelRef, (long At, ModelWork Work)> _works = new();
    private volatile Trust? _trust;
    private int _asking;

    /// <summary>What is known, as of lately.</summary>
    /// <param name="work">What is to be run.</param>
    /// <param name="placement">Which nodes may have it; any when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<OnlineView> GetAsync(WorkTemplate work, PlacementTerms? placement, CancellationToken cancellationToken)
    {
        var trust = _trust is { } lately && Age(lately.At) < options.Value.KnowledgeAge ? lately : await AskTrustAsync(cancellationToken);

        // Nobody there: somebody may have connected since.
        var isKnown = _nodes.TryGetValue((work.Manifest.Sha256, placement), out var known) && Age(known.At) < options.Value.KnowledgeAge && known.Nodes.Slots > 0;
        if (isKnown && (Age(known.At) > options.Value.KnowledgeAge / 2 || Age(trust.At) > options.Value.KnowledgeAge / 2))
        {
            AskAhead(work, placement);
        }

        return new(isKnown ? known.Nodes : await AskNodesAsync(work, placement, cancellationToken), trust.Ledger, trust.Saboteurs);
    }

    /// <summary>What running a model version takes; null when it is not ready, which is not remembered.</summary>
    /// <param name="model">The model version.</param>
    public async ValueTask<ModelWork?> WorkAsync(ModelRef model)
    {
        if (_works.TryGetValue(model, out var lately) && Age(lately.At) < options.Value.KnowledgeAge)
        {
            return lately.Work;
        }

        var at = time.GetTimestamp();
        if (await grains.GetGrain<IModelGrain>(model.Value).GetWork() is not { } work)
        {
            _works.TryRemove(model, out _);
            return null;
        }

        Keep(_works, model, (at, work));
        return work;
    }

    private TimeSpan Age(long at) => time.GetElapsedTime(at);

    private void AskAhead(WorkTemplate work, PlacementTerms? placement)
    {
        if (Interlocked.Exchange(ref _asking, 1) == 0)
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    await AskTrustAsync(CancellationToken.None);
                    await AskNodesAsync(work, placement, CancellationToken.None);
                }
                catch (Exception e) when (e is TimeoutException or OrleansException)
                {
                    // A call that needs it asks for itself, and hears why not.
                }
                finally
                {
                    Volatile.Write(ref _asking, 0);
                }
            });
        }
    }

    private async Task<Trust> AskTrustAsync(CancellationToken cancellationToken)
    {
        var at = time.GetTimestamp();
        var view = await grains.GetGrain<ITrustGrain>(ITrustGrain.Key).GetView(0).WaitAsync(cancellationToken);
        return _trust = new(at, new CheckLedger(view.Checks, view.Failures), view.Saboteurs);
    }

    private async Task<WorkForecast> AskNodesAsync(WorkTemplate work, PlacementTerms? placement, CancellationToken cancellationToken)
    {
        var at = time.GetTimestamp();
        var nodes = await grains.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(work.Model)).Forecast(work, placement, "").WaitAsync(cancellationToken);
        Keep(_nodes, (work.Manifest.Sha256, placement), (at, nodes));
        return nodes;
    }

    // It can all be asked for again.
    private static void Keep<TKey, TValue>(ConcurrentDictionary<TKey, TValue> known, TKey key, TValue value)
        where TKey : notnull
    {
        if (known.Count >= ModelsMax)
        {
            known.Clear();
        }

        known[key] = value;
    }

    private sealed record Trust(long At, CheckLedger Ledger, double Saboteurs);
}
