using PiGrid.Grains.Scheduling;
using PiGrid.Verification;
using static PiGrid.Tests.Scheduling.Wishes;

namespace PiGrid.Tests.Scheduling;

/// <summary>Which nodes a requester's terms allow, whatever the replica is for.</summary>
public class PlacementTests
{
    private static readonly PlacementTerms Trusted = new() { PrivacyClass = PrivacyClass.Trusted };
    private static readonly PlacementTerms Private = new() { PrivacyClass = PrivacyClass.Private };

    private readonly Dispatcher _dispatcher = new();

    [Fact]
    public void Trusted_WhenOnlyProbationIsFree_WaitsUntilTheNodesTierRises()
    {
        _dispatcher.Offer(Of(1, ReputationTier.Probation));
        _dispatcher.Want(Want(1, shard: 1) with { Placement = Trusted });
        _dispatcher.Pass(2);
        Assert.Empty(_dispatcher.Given);
        Assert.StartsWith("no trusted node is connected", _dispatcher.ReasonOf(1), StringComparison.Ordinal);

        _dispatcher.Offer(Of(1, ReputationTier.Trusted, sequence: 2));

        _dispatcher.AssertGave((1, 1));
        Assert.Null(_dispatcher.ReasonOf(1));
    }

    [Fact]
    public void Trusted_WhenTheNodesTierFalls_IsNotItsAnyMore()
    {
        _dispatcher.Offer(Of(1, ReputationTier.Trusted));
        _dispatcher.Offer(Of(1, ReputationTier.Probation, sequence: 2));

        _dispatcher.Want(Want(1, shard: 1) with { Placement = Trusted }, Want(2, shard: 2));

        _dispatcher.AssertGave((2, 1));
    }

    [Fact]
    public void Trusted_AsAHedgeOrAnAuditOfSegments_IsForNoOther()
    {
        _dispatcher.Offer(Of(1, ReputationTier.Probation));

        _dispatcher.Want(
            Want(1, shard: 1, hedge: true, tail: true) with { Placement = Trusted },
            Want(2, shard: 2, kind: WorkKind.Open) with { Placement = Trusted, Only = Node(1) });
        Assert.Empty(_dispatcher.Given);
        _dispatcher.Offer(Of(2, ReputationTier.Trusted));

        _dispatcher.AssertGave((1, 2));
    }

    [Fact]
    public void Trusted_WhenOwnersAreMissing_SaysThatTheyHaveToBeTrusted()
    {
        _dispatcher.Offer(Of(1, ReputationTier.Trusted), Of(2, ReputationTier.Probation));
        _dispatcher.Want(Want(1, shard: 1, exceptOwners: [1]) with { Placement = Trusted });
        _dispatcher.Pass(2);

        Assert.Equal("1 more trusted node of another owner is needed", _dispatcher.ReasonOf(1));
        Assert.True(_dispatcher.LacksOwners);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Private_WhateverOperatorNodesDoOtherwise_IsTheirsAlone(bool runJobs)
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { OperatorNodesRunJobs = runJobs });
        dispatcher.Offer(Of(1, ReputationTier.Trusted));
        dispatcher.Want(Want(1, shard: 1) with { Placement = Private });
        dispatcher.Pass(2);
        Assert.Empty(dispatcher.Given);
        Assert.StartsWith("no operator node is connected", dispatcher.ReasonOf(1), StringComparison.Ordinal);

        dispatcher.Offer(Offer(2, isOperator: true));

        dispatcher.AssertGave((1, 2));
    }

    [Fact]
    public void PriceLimit_PassesOverNodesThatAskMore()
    {
        _dispatcher.Offer(Of(1, price: 300));
        _dispatcher.Want(Want(1, shard: 1) with { Placement = Limit(299) });
        _dispatcher.Pass(2);
        Assert.Empty(_dispatcher.Given);
        Assert.Equal("the price limit is 0.000299 credits an hour of a slot; the cheapest suitable node asks 0.000300", _dispatcher.ReasonOf(1));

        _dispatcher.Offer(Of(2, price: 299));

        _dispatcher.AssertGave((1, 2));
    }

    [Fact]
    public void PriceLimit_OfZero_TakesNodesThatAskNothing()
    {
        _dispatcher.Offer(Of(1, price: 1), Of(2));

        _dispatcher.Want(Want(1, shard: 1) with { Placement = Limit(0) });

        _dispatcher.AssertGave((1, 2));
    }

    [Fact]
    public void Regions_WhenNoneOfTheirNodesIsThere_AreNamed()
    {
        _dispatcher.Offer(Of(1));
        _dispatcher.Want(Want(1, shard: 1) with { Placement = new() { Regions = ["north", "south"] } });
        _dispatcher.Pass(2);
        Assert.Equal("no suitable node is in the region north or south", _dispatcher.ReasonOf(1));
        Assert.True(_dispatcher.LacksOwners);

        _dispatcher.Offer(Of(2, region: "south"));

        _dispatcher.AssertGave((1, 2));
    }

    [Fact]
    public void Owners_WhoHaveNodesElsewhereOnly_AreLacking()
    {
        _dispatcher.Offer(Of(1, region: "south"), Of(2));
        _dispatcher.Want(Want(1, shard: 1, exceptOwners: [1]) with { Placement = new() { Regions = ["south"] } });
        _dispatcher.Pass(2);

        Assert.Equal("1 more node of another owner is needed", _dispatcher.ReasonOf(1));
        Assert.True(_dispatcher.LacksOwners);
    }

    [Fact]
    public void Forecast_CountsTheNodesThatMayHaveTheWork()
    {
        _dispatcher.Offer(
            Of(1, ReputationTier.Trusted, price: 5), Of(2, region: "south"), Of(3, ReputationTier.Trusted, region: "south"), Offer(4, free: 4, isOperator: true));

        Assert.Equal((3, 2, true), Expect(null));
        Assert.Equal((2, 2, true), Expect(Trusted));
        Assert.Equal((4, 1, true), Expect(Private));
        Assert.Equal((2, 2, false), Expect(new() { Regions = ["south"] }));
        Assert.Equal((2, 2, true), Expect(Limit(4)));
        Assert.Equal((0, 0, false), Expect(Trusted with { Regions = ["north"] }));
    }

    [Fact]
    public void Policies_WithPrivate_AreBelievedOrRefused()
    {
        Assert.Equal(VerificationPolicy.None, PlacementRules.InForce(VerificationPolicy.Adaptive, Private));
        Assert.Equal(VerificationPolicy.Adaptive, PlacementRules.InForce(VerificationPolicy.Adaptive, Trusted));
        Assert.Null(PlacementRules.CheckPolicy(VerificationPolicy.AdaptiveTo(0.01), Private));
        Assert.Null(PlacementRules.CheckPolicy(VerificationPolicy.Critical(2), Trusted));
        foreach (var policy in new[] { VerificationPolicy.Quorum(2), VerificationPolicy.Critical(3) })
        {
            var refused = PlacementRules.CheckPolicy(policy, Private)!;
            Assert.Equal("policy", refused.Field);
            Assert.Contains("one owner", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Terms_ThatCannotBe_AreRefusedByField()
    {
        Assert.Empty(PlacementRules.Check(null));
        Assert.Empty(PlacementRules.Check(Trusted with { Regions = ["eu"], PriceLimit = Amount.Zero }));
        Assert.Equal(
            ["placement.regions", "placement.privacy_class", "placement.price_limit"],
            PlacementRules.Check(new() { Regions = [""], PrivacyClass = (PrivacyClass)9, PriceLimit = new(-1) }).Select(e => e.Field));
        Assert.Equal("regions", Assert.Single(PlacementRules.Check(new() { Regions = new string[17] }, "")).Field);
    }

    [Fact]
    public void Terms_WithTheSameContent_AreEqual()
    {
        var terms = new PlacementTerms { Regions = ["eu", "us"], PrivacyClass = PrivacyClass.Trusted, PriceLimit = new(1) };

        Assert.Equal(terms, terms with { Regions = ["eu", "us"] });
        Assert.Equal(terms.GetHashCode(), (terms with { Regions = ["eu", "us"] }).GetHashCode());
        Assert.NotEqual(terms, terms with { Regions = ["us", "eu"] });
        Assert.NotEqual(terms, terms with { PriceLimit = null });
        Assert.Equal("region eu or us, trusted nodes, at most 0.000001 credits an hour of a slot", terms.ToString());
    }

    private static PlacementTerms Limit(long micros) => new() { PriceLimit = new(micros) };

    private static NodeOffer Of(int node, ReputationTier tier = ReputationTier.Probation, string region = "unknown", long price = 0, long sequence = 1)
    {
        var offer = Offer(node, sequence: sequence);
        return offer with { Tier = tier, Profile = offer.Profile with { Region = region, PricePerHour = new(price) } };
    }

    private (int Slots, int Owners, bool HasOperator) Expect(PlacementTerms? terms)
    {
        var forecast = DispatchRules.Forecast(_dispatcher.Board, Want(1, shard: 1).Order.Work, terms, "");
        return (forecast.Slots, forecast.Owners, forecast.HasOperator);
    }
}
