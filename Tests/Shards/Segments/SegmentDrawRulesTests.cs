using PiGrid.Grains.Shards.Segments;
using PiGrid.Protocol;

namespace PiGrid.Tests.Shards.Segments;

/// <summary>What is drawn of a result, and what a check of it is worth.</summary>
public sealed class SegmentDrawRulesTests
{
    private static readonly SegmentCheckOptions Options = new() { InputsPerCheck = 3, SegmentsPerCheck = 2 };

    [Fact]
    public void Draw_FromOtherRandomBytesOrAnotherCommitment_IsAnother()
    {
        var one = Key(SegmentDrawRules.Draw(Statement(40), 64, [1], Options));

        Assert.Equal(one, Key(SegmentDrawRules.Draw(Statement(40), 64, [1], Options)));
        Assert.NotEqual(one, Key(SegmentDrawRules.Draw(Statement(40), 64, [2], Options)));
        Assert.NotEqual(one, Key(SegmentDrawRules.Draw(Statement(40, salt: 9), 64, [1], Options)));
    }

    [Theory]
    [InlineData(1, 8, 1, 2, 0.25)]
    [InlineData(6, 8, 3, 2, 0.125)]
    [InlineData(2, 2, 2, 2, 1)]
    public void Draw_OfSoManyInputsAndSegments_SeesASingleLieWithThatChance(int inputs, int segments, int drawn, int each, double share)
    {
        var found = 0;
        for (var nonce = 0; nonce < 4_000; nonce++)
        {
            var draw = SegmentDrawRules.Draw(Statement(inputs), segments, BitConverter.GetBytes(nonce), Options);
            Assert.Equal((drawn, share), (draw.Inputs.Length, draw.Share));
            Assert.All(draw.Challenges, c => Assert.Equal(each, c.Segments.Count));
            var at = draw.Inputs.IndexOf(0);
            found += at >= 0 && draw.Challenges[at].Segments.Contains(1) ? 1 : 0;
        }

        Assert.Equal(share, found / 4_000.0, 0.03);
    }

    [Fact]
    public void PassedCheck_CountsAsOftenAsItWouldHaveSeenASingleLie()
    {
        var draw = SegmentDrawRules.Draw(Statement(1), 8, [1], Options);

        var counted = Enumerable.Range(0, 4_000).Count(fresh => SegmentDrawRules.Counts(draw, BitConverter.GetBytes(fresh)));

        Assert.Equal(draw.Share, counted / 4_000.0, 0.03);
        Assert.True(SegmentDrawRules.Counts(draw with { Share = 1 }, [1, 2, 3]));
    }

    private static string Key(SegmentDraw draw) => string.Join(";", draw.Inputs.Zip(draw.Challenges, (i, c) => $"{i}:{string.Join(",", c.Segments)}"));

    private static ResultStatement Statement(int inputs, byte salt = 0) => new()
    {
        Type = ResultStatement.TypeV2, Lease = LeaseId.FromBytes(new byte[16]), Manifest = Sha256.Of([1]), Inputs = [.. Enumerable.Range(0, inputs).Select(i => Sha256.Of([(byte)i]))],
        Output = Sha256.Of([2]), Provider = "cpu", Library = "test", HardwareClass = "x64", TotalMs = 1, ModelMs = 1,
        Commitments = [.. Enumerable.Range(0, inputs).Select(i => Sha256.Of([(byte)i, salt, 3]))],
    };
}
