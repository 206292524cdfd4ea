namespace PiGrid.Tests.Attack;

/// <summary>A seed's stream is its own.</summary>
public class AttackRandomTests
{
    private const int Length = 4_000;

    [Theory]
    [InlineData(1)]
    [InlineData(201)]
    [InlineData(ulong.MaxValue - 20)]
    public void Streams_OfNeighbouringSeeds_ShareNothing(ulong first)
    {
        var seen = new HashSet<ulong>();
        for (var seed = first; seed < first + 20; seed++)
        {
            Assert.All(Stream(seed), value => Assert.True(seen.Add(value)));
        }
    }

    [Fact]
    public void Stream_OfOneSeed_IsTheSameAgain() => Assert.Equal(Stream(7), Stream(7));

    [Fact]
    public void Below_OverManySeeds_IsEven()
    {
        // The first number of each of many neighbouring seeds, as runs of one row use them.
        var counts = new int[10];
        for (var seed = 0UL; seed < 100_000; seed++)
        {
            counts[new AttackRandom(seed).Below(10)]++;
        }

        // Five deviations of 95 each.
        Assert.All(counts, count => Assert.InRange(count, 9_525, 10_475));
    }

    private static List<ulong> Stream(ulong seed)
    {
        var random = new AttackRandom(seed);
        var values = new List<ulong>();
        for (var i = 0; i < Length; i++)
        {
            values.Add(random.Next());
        }

        return values;
    }
}
