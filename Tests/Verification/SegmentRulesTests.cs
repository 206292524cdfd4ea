using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

public class SegmentRulesTests
{
    private static readonly SegmentPlan Plan = new()
    {
        Model = Sha256.Of("model"u8),
        Segments = new ModelSegment[]
        {
            new() { From = 0, To = 2, Inputs = new[] { "x" }, Outputs = new[] { "a", "b" } },
            new() { From = 2, To = 3, Inputs = new[] { "a" }, Outputs = new[] { "c" } },
            new() { From = 3, To = 5, Inputs = new[] { "b", "c" }, Outputs = new[] { "y" } },
        },
    };

    [Fact]
    public void Draw_WithOneNonce_IsAlwaysTheSame() =>
        Assert.Equal(SegmentRules.Draw(Sha256.Of("c"u8), [1, 2], 3, 10).Segments, SegmentRules.Draw(Sha256.Of("c"u8), [1, 2], 3, 10).Segments);

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 5)]
    [InlineData(3, 5)]
    [InlineData(5, 5)]
    [InlineData(9, 5)]
    public void Draw_OfSome_GivesDistinctSegmentsInOrder(int count, int of)
    {
        var drawn = SegmentRules.Draw(Sha256.Of("c"u8), [7], count, of).Segments;

        Assert.Equal(Math.Min(count, of), drawn.Count);
        Assert.Equal(drawn.Distinct().Order(), drawn);
        Assert.All(drawn, segment => Assert.InRange(segment, 0, of - 1));
    }

    [Fact]
    public void Draw_OverManyNonces_IsEven()
    {
        var times = new int[8];
        for (var nonce = 0; nonce < 8_000; nonce++)
        {
            foreach (var segment in SegmentRules.Draw(Sha256.Of("c"u8), BitConverter.GetBytes(nonce), 2, 8).Segments)
            {
                times[segment]++;
            }
        }

        // 2,000 each, with a deviation of 39.
        Assert.All(times, count => Assert.InRange(count, 1_800, 2_200));
    }

    [Fact]
    public void Draw_WhenTheCommitmentDiffers_IsAnother() => Assert.NotEqual(
        Enumerable.Range(0, 50).SelectMany(i => SegmentRules.Draw(Sha256.Of("c"u8), [(byte)i], 1, 8).Segments),
        Enumerable.Range(0, 50).SelectMany(i => SegmentRules.Draw(Sha256.Of("d"u8), [(byte)i], 1, 8).Segments));

    [Fact]
    public void Asked_ForASegment_AreItsTensorsAndTheOutputs()
    {
        Assert.Equal(["x", "a", "b", "c", "y"], Plan.Tensors());
        Assert.Equal(["a", "c", "y"], SegmentRules.Asked(Plan, new() { Segments = [1] }, ["y"]));
    }

    [Fact]
    public void Digest_OfATensor_CoversNameTypeShapeAndData()
    {
        var tensor = Samples.FloatTensor(1, 2);
        TensorData[] others =
        [
            tensor with { Name = "z" }, tensor with { Type = "int32" }, tensor with { Shape = [1, 2] }, Samples.FloatTensor(1, 3),
        ];

        Assert.All(others, other => Assert.NotEqual(SegmentRules.DigestOf(tensor), SegmentRules.DigestOf(other)));
    }

    [Fact]
    public void Commitment_ToAnotherPlanOrOfAnotherLength_IsRefused()
    {
        var commitment = new SegmentCommitment { Plan = CanonicalJson.Digest(Plan), Tensors = new Sha256[4] };
        var opening = new SegmentOpening { Tensors = [Samples.FloatTensor(1)] };

        Assert.Contains("4 digests", SegmentRules.Problem(Plan, commitment, ["y"], opening)!, StringComparison.Ordinal);
        Assert.Contains("another plan", SegmentRules.Problem(Plan, commitment with { Plan = Sha256.Of("other"u8) }, ["y"], opening)!, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuts_OfAChain_AreEvenAndWhereLeastIsAlive()
    {
        double[] work = [.. Enumerable.Repeat(1.0, 20)];
        long?[] alive = [.. Enumerable.Range(0, 20).Select(i => (long?)(i % 5 == 3 ? 10 : 100))];

        Assert.Equal([3, 8, 13], CutRules.Choose(work, alive, 4));
    }

    [Fact]
    public void Cuts_WhereNothingCanBeCut_AreFewer()
    {
        double[] work = [1, 1, 1, 1, 1, 1];

        Assert.Empty(CutRules.Choose(work, new long?[6], 3));
        Assert.Equal([1], CutRules.Choose(work, [null, 5, null, null, null, null], 3));
        Assert.Empty(CutRules.Choose([], [], 3));
        Assert.Empty(CutRules.Choose(work, [1, 1, 1, 1, 1, 1], 1));
    }

    [Fact]
    public void Cuts_Always_AscendAndStayInside() => Dice.Check(300, dice =>
    {
        var work = dice.Several(1 + dice.Below(40), d => (double)d.Below(50));
        var alive = work.Select(_ => dice.Once(4) ? (long?)null : dice.Below(1000)).ToArray();
        var cuts = CutRules.Choose(work, alive, 1 + dice.Below(8));

        Assert.Equal(cuts.Distinct().Order(), cuts);
        Assert.All(cuts, cut => Assert.InRange(cut, 0, work.Length - 2));
        Assert.All(cuts, cut => Assert.NotNull(alive[cut]));
    });
}
