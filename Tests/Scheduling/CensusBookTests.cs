using PiGrid.Grains.Scheduling;
using PiGrid.Tests.Silo;
using PiGrid.Verification;

namespace PiGrid.Tests.Scheduling;

public sealed class CensusBookTests
{
    private readonly CensusBook _book = new(new SchedulingOptions { NodesMax = 2_000 });

    [Fact]
    public void Note_WhenANodeMoves_MovesItsCounts()
    {
        _book.Note(Offer(1, sequence: 1));
        _book.Note(Offer(2, sequence: 1) with { Operator = true, FreeSlots = 0 });
        _book.Note(Offer(1, sequence: 2) with { State = NodeState.Paused, Tier = ReputationTier.Trusted });

        var census = _book.ToCensus();

        Assert.Equal([new("online", 1), new("paused", 1)], census.States);
        Assert.Equal([new("trusted", 1), new("operator", 1)], census.Tiers);
        Assert.Equal([new("here", 2)], census.Regions);
        Assert.Equal((2, 2, 8, 4), (census.Known, census.Connected, census.Slots, census.FreeSlots));
    }

    [Fact]
    public void Note_WhenANodeGoes_CountsItInNoTierOrRegion()
    {
        _book.Note(Offer(1, sequence: 1));
        _book.Note(Offer(1, sequence: 2) with { State = NodeState.Offline });

        var census = _book.ToCensus();

        Assert.Equal([new("offline", 1)], census.States);
        Assert.Empty(census.Tiers);
        Assert.Empty(census.Regions);
        Assert.Equal((1, 0, 0, 0), (census.Known, census.Connected, census.Slots, census.FreeSlots));
    }

    [Fact]
    public void Note_OfALateOffer_ChangesNothing()
    {
        _book.Note(Offer(1, sequence: 2));
        _book.Note(Offer(1, sequence: 1) with { State = NodeState.Offline });

        Assert.Equal([new("online", 1)], _book.ToCensus().States);
    }

    [Fact]
    public void Note_WithRegionsWithoutEnd_StaysBounded()
    {
        for (var i = 0; i < 3_000; i++)
        {
            _book.Note(Offer(i, sequence: 1, region: $"place {i}"));
        }

        var census = _book.ToCensus();

        Assert.Equal(2_000, census.Known);
        Assert.InRange(census.Regions.Count, 1, 100);
        Assert.Equal(2_000, census.Regions.Sum(r => r.Nodes));
        Assert.Equal("(other)", census.Regions[^1].Name);
    }

    private static NodeOffer Offer(int node, long sequence, string region = "here") => new()
    {
        Node = NodeId.FromBytes([.. BitConverter.GetBytes(node), .. new byte[12]]),
        Owner = OwnerId.FromBytes(new byte[16]),
        FreeSlots = 4,
        Profile = TestNode.Profile with { Region = region, Slots = 4 },
        Operator = false,
        CachedModels = [],
        Sequence = sequence,
    };
}
