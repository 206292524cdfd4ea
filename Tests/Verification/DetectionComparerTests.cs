using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

public class DetectionComparerTests
{
    private static readonly Comparator Default = new() { Kind = ComparatorKind.Detections, ScoreTolerance = 0.02, Iou = 0.8, DecisionThreshold = 0.3 };
    private static readonly Detection Bus = Samples.Object(0, 0.9, 0, 0);
    private static readonly Detection Person = Samples.Object(1, 0.6, 200, 0);

    [Fact]
    public void Detections_WhenMovedALittle_Agree() => AssertSays(
        Agreement.Agree, [Bus, Person], [Samples.Object(0, 0.91, 2, 2), Samples.Object(1, 0.59, 201, 0)]);

    [Fact]
    public void Detections_WhenNothingIsFoundByBoth_Agree() => AssertSays(Agreement.Agree, [], []);

    [Fact]
    public void Detections_WhenOneIsMissing_Disagree() => AssertSays(Agreement.Disagree, [Bus, Person], [Bus]);

    [Fact]
    public void Detections_WhenTheClassDiffers_Disagree() => AssertSays(Agreement.Disagree, [Bus], [Bus with { Class = 2, Label = "class 2" }]);

    [Fact]
    public void Detections_WhenTheNameWasForged_Disagree() => AssertSays(Agreement.Disagree, [Bus], [Bus with { Label = "tram" }]);

    [Fact]
    public void Detections_WhenTheScoreIsApart_Disagree() => AssertSays(Agreement.Disagree, [Bus], [Bus with { Score = 0.85 }]);

    [Theory]
    [InlineData(0.919, Agreement.Agree)]
    [InlineData(0.93, Agreement.Inconclusive)]
    [InlineData(0.94, Agreement.Inconclusive)]
    [InlineData(0.941, Agreement.Disagree)]
    public void Detections_WhenTheScoreIsBetweenOnceAndTwiceTheTolerance_SayNothing(double score, Agreement expected) =>
        AssertSays(expected, [Bus], [Bus with { Score = score }]);

    [Theory]
    [InlineData(11, Agreement.Agree)] // 89 / 111
    [InlineData(12, Agreement.Inconclusive)]
    [InlineData(24, Agreement.Inconclusive)] // 76 / 124
    [InlineData(26, Agreement.Disagree)]
    public void Detections_WhenTheBoxIsBetweenOnceAndTwiceTheTolerance_SayNothing(double aside, Agreement expected) =>
        AssertSays(expected, [Bus], [Samples.Object(0, 0.9, aside, 0)]);

    [Fact]
    public void Detections_WhenTheBoxIsElsewhere_Disagree() => AssertSays(Agreement.Disagree, [Bus], [Samples.Object(0, 0.9, 30, 0)]);

    [Theory]
    [InlineData(0.3, Agreement.Inconclusive)]
    [InlineData(0.319, Agreement.Inconclusive)]
    [InlineData(0.339, Agreement.Inconclusive)]
    [InlineData(0.35, Agreement.Disagree)]
    public void Detections_WhenOneIsMissingNearTheThreshold_SayNothing(double score, Agreement expected) =>
        AssertSays(expected, [Bus, Samples.Object(1, score, 300, 300)], [Bus]);

    [Fact]
    public void Detections_WhenNearTheThresholdOnBothSides_SayNothing() =>
        AssertSays(Agreement.Inconclusive, [Bus, Samples.Object(1, 0.31, 300, 300)], [Bus, Samples.Object(1, 0.31, 600, 300)]);

    [Fact]
    public void Detections_WhenNoThresholdIsKnown_AreNeverInconclusive()
    {
        var comparator = Default with { DecisionThreshold = null };
        Assert.Equal(Agreement.Disagree, OutputComparer.Compare(
            comparator, Samples.Detections(Bus, Samples.Object(1, 0.3, 300, 300)), Samples.Detections(Bus)));
    }

    [Fact]
    public void Detections_WhenOneIsReportedTwice_NeedTwoCounterparts() =>
        AssertSays(Agreement.Disagree, [Bus, Samples.Object(0, 0.9, 1, 0)], [Bus, Person]);

    [Fact]
    public void Detections_WhenGreedWouldMissThePairing_Agree()
    {
        // The first could take either of the others' two, the second only the first's best.
        var comparator = new Comparator { Kind = ComparatorKind.Detections, ScoreTolerance = 0.02, Iou = 0.6 };
        var a = Samples.Detections(Samples.Object(0, 0.9, 10, 0), Samples.Object(0, 0.89, 0, 0));
        var b = Samples.Detections(Samples.Object(0, 0.9, 8, 0), Samples.Object(0, 0.89, 30, 0));

        Assert.Equal(Agreement.Agree, OutputComparer.Compare(comparator, a, b));
    }

    [Fact]
    public void Detections_WhenABoxIsALine_AgreeWithTheSameLine() =>
        AssertSays(Agreement.Agree, [Samples.Object(0, 0.9, 5, 5, size: 0)], [Samples.Object(0, 0.9, 5, 5, size: 0)]);

    [Fact]
    public void Matching_WhenMadeToBeSlow_EndsSoon()
    {
        // A thousand objects that nearly all fit each other, on both sides: the worst that passes the checks.
        var crowd = Enumerable.Range(0, 1_000).Select(i => Samples.Object(0, 0.5, i / 100d, 0, 1_000)).ToArray();
        var shifted = crowd.Select(d => d with { Box = new Box(d.Box.X0 + 100, d.Box.Y0, d.Box.X1 + 100, d.Box.Y1) }).ToArray();

        Assert.Equal(Agreement.Agree, OutputComparer.Compare(Default, Samples.Detections(crowd), Samples.Detections(shifted)));
    }

    private static void AssertSays(Agreement expected, Detection[] a, Detection[] b)
    {
        Assert.Equal(expected, OutputComparer.Compare(Default, Samples.Detections(a), Samples.Detections(b)));
        Assert.Equal(expected, OutputComparer.Compare(Default, Samples.Detections(b), Samples.Detections(a)));
    }
}
