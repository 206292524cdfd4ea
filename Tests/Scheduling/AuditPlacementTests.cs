using static PiGrid.Tests.Scheduling.Wishes;

namespace PiGrid.Tests.Scheduling;

/// <summary>Where an operator's word is wanted, and where replicas have to differ from each other.</summary>
public class AuditPlacementTests
{
    private readonly Dispatcher _dispatcher = new();

    [Fact]
    public void Audit_WhenBothAreFree_GoesToTheOperatorsNode()
    {
        _dispatcher.Offer(Offer(1));
        _dispatcher.Offer(Offer(2, isOperator: true));

        _dispatcher.Want(Want(1, shard: 1) with { Operator = true });
        _dispatcher.Want(Want(2, shard: 2));

        Assert.Equal([Node(2), Node(1)], _dispatcher.Given.Select(given => given.Node));
    }

    [Fact]
    public void Audit_WhenNoOperatorsNodeIsThere_SaysSo()
    {
        _dispatcher.Offer(Offer(1));
        _dispatcher.Want(Want(1, shard: 1) with { Operator = true });
        _dispatcher.Pass(2);

        Assert.Empty(_dispatcher.Given);
        Assert.Contains("no operator node is connected", Assert.Single(_dispatcher.Told).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Replica_ThatHasToDiffer_GoesToAnotherRegionAndHardwareClass()
    {
        _dispatcher.Offer(Located(1, "north", "x64"));
        _dispatcher.Offer(Located(2, "south", "x64"));
        _dispatcher.Offer(Located(3, "south", "arm64"));

        _dispatcher.Want(Want(1, shard: 1) with { ExcludedRegions = ["north"], ExcludedHardwareClasses = ["x64"] });

        Assert.Equal([Node(3)], _dispatcher.Given.Select(given => given.Node));
    }

    [Fact]
    public void Replica_ThatHasToDiffer_SaysWhyNobodyMayHaveIt()
    {
        _dispatcher.Offer(Located(1, "north", "x64"));
        _dispatcher.Want(Want(1, shard: 1) with { ExcludedRegions = ["north"] });
        _dispatcher.Pass(2);

        Assert.Contains("distinct regions", Assert.Single(_dispatcher.Told).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Shard_WhenItWaits_IsToldWhetherOwnersAreLacking(int owners, bool lacks)
    {
        for (var node = 1; node <= owners; node++)
        {
            _dispatcher.Offer(Offer(node, free: 0));
        }

        _dispatcher.Want(Want(1, shard: 1, exceptOwners: [1]));
        _dispatcher.Pass(2);

        Assert.Equal(lacks, _dispatcher.LacksOwners);
    }

    private static NodeOffer Located(int node, string region, string hardwareClass)
    {
        var offer = Offer(node, hardwareClass: hardwareClass);
        return offer with { Profile = offer.Profile with { Region = region } };
    }
}
