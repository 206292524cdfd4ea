using PiGrid.Grains.Scheduling;
using PiGrid.Verification;

namespace PiGrid.Grains.Nodes;

// What the dispatchers are told of the node, and what they may not have known when they gave it something.
internal sealed partial class NodeGrain
{
    private async Task Offer()
    {
        // From the clock, so that the number also grows over a restart of this grain, whose dispatcher may live on.
        _presence = _presence with
        {
            Offers = Math.Max(_presence.Offers + 1, time.GetUtcNow().UtcTicks),
            TierTold = TierOf(standing.State),
        };
        if (standing.State.Record is not null && NodeRules.ToOffer(_presence, standing.State) is { } known)
        {
            var offer = known with { Stays = Stays(options.Value.StayHorizon) };
            _presence = _presence with { Finished = [] };
            foreach (var partition in DispatcherPartitions.KeysOf(offer.Profile.Region))
            {
                await GrainFactory.GetGrain<IDispatcherGrain>(partition).Offer(offer);
            }
        }
    }

    private ReputationTier? TierOf(NodeStanding its) => ReputationRules.PlacedBy(its, time.GetUtcNow(), trust.Value);

    /// <summary>Why the node may not have what was placed by an older offer; null when it may.</summary>
    private string? WhyNot(PlacementTerms? terms) => terms is null || standing.State.Record is not { } record || _presence.Profile is not { } profile
        || (PlacementRules.MaySee(terms.PrivacyClass, record.Operator, TierOf(standing.State)) && PlacementRules.IsWithin(terms, profile))
            ? null
            : "the node is no longer one of those that the requester allows";
}
