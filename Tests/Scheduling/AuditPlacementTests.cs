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

    [Fact]
    public void Opening_GoesToItsNodeAlone_ThoughItsOwnerHasTheReplica()
    {
        _dispatcher.Offer(Offer(2));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Take(2, 1);
        _dispatcher.Offer(Offer(1));
        _dispatcher.Offer(Offer(3));

        _dispatcher.Want(Want(2, shard: 1, kind: WorkKind.Open, category: "what node 2 does not care for") with { Only = Node(2) });
        Assert.Equal([Node(2)], _dispatcher.Given.Select(given => given.Node));
        _dispatcher.Offer(Offer(2, sequence: 2));

        Assert.Equal([Node(2), Node(2)], _dispatcher.Given.Select(given => given.Node));
    }

    [Fact]
    public void Opening_WhoseNodeIsBusy_SaysSoAndLacksNoOwner()
    {
        _dispatcher.Offer(Offer(1));
        _dispatcher.Offer(Offer(2, free: 0));
        _dispatcher.Want(Want(1, shard: 1, kind: WorkKind.Open) with { Only = Node(2) });
        _dispatcher.Pass(2);

        Assert.Empty(_dispatcher.Given);
        Assert.Contains("is to open segments", Assert.Single(_dispatcher.Told).Reason, StringComparison.Ordinal);
        Assert.False(_dispatcher.LacksOwners);
    }

    [Fact]
    public void AuditOfSegments_GoesToAnOperatorsNodeThatKnowsThem()
    {
        var able = Offer(3, isOperator: true);
        _dispatcher.Offer(Offer(1));
        _dispatcher.Offer(Offer(2, isOperator: true));
        _dispatcher.Offer(able with { Profile = able.Profile with { Segments = true } });

        _dispatcher.Want(Want(1, shard: 1, kind: WorkKind.Audit) with { Operator = true });

        Assert.Equal([Node(3)], _dispatcher.Given.Select(given => given.Node));
    }

    private static NodeOffer Located(int node, string region, string hardwareClass)
    {
        var offer = Offer(node, hardwareClass: hardwareClass);
        return offer with { Profile = offer.Profile with { Region = region } };
    }
}
