using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

public class LabelComparerTests
{
    private static readonly Comparator Top1 = new() { Kind = ComparatorKind.Labels, ScoreTolerance = 0.02 };
    private static readonly Comparator Top2 = Top1 with { TopK = 2 };

    [Fact]
    public void Labels_WhenTheBestIsTheSame_Agree() =>
        AssertSays(Agreement.Agree, Top1, Samples.Labels((3, 0.9), (1, 0.05)), Samples.Labels((3, 0.89), (1, 0.06)));

    [Fact]
    public void Labels_WhenTheBestIsClearlyAnother_Disagree() =>
        AssertSays(Agreement.Disagree, Top1, Samples.Labels((3, 0.9), (1, 0.05)), Samples.Labels((1, 0.9), (3, 0.05)));

    [Fact]
    public void Labels_WhenTheScoreIsApart_Disagree() =>
        AssertSays(Agreement.Disagree, Top1, Samples.Labels((3, 0.9)), Samples.Labels((3, 0.8)));

    [Fact]
    public void Labels_WhenTheBestTwoAreTied_AreInconclusiveForOne() =>
        AssertSays(Agreement.Inconclusive, Top1, Samples.Labels((3, 0.46), (1, 0.45)), Samples.Labels((1, 0.46), (3, 0.45)));

    [Fact]
    public void Labels_WhenTheBestTwoAreTied_AgreeForTwo() =>
        AssertSays(Agreement.Agree, Top2, Samples.Labels((3, 0.46), (1, 0.45)), Samples.Labels((1, 0.46), (3, 0.45)));

    [Fact]
    public void Labels_WhenTwoSwapOverMoreThanATie_AreInconclusive() =>
        AssertSays(Agreement.Inconclusive, Top2, Samples.Labels((3, 0.5), (1, 0.47)), Samples.Labels((1, 0.488), (3, 0.482)));

    [Fact]
    public void Labels_WhenOneAtPlaceKFellOut_AreInconclusiveOnlyIfItWasClose()
    {
        AssertSays(Agreement.Inconclusive, Top2, Samples.Labels((3, 0.5), (1, 0.2)), Samples.Labels((3, 0.5), (2, 0.21)));
        AssertSays(Agreement.Disagree, Top2, Samples.Labels((3, 0.5), (1, 0.3)), Samples.Labels((3, 0.5), (2, 0.21)));
    }

    [Fact]
    public void Labels_WhenTheTailContradicts_Disagree() =>
        AssertSays(Agreement.Disagree, Top1, Samples.Labels((3, 0.6), (1, 0.3)), Samples.Labels((3, 0.6), (1, 0.1)));

    [Fact]
    public void Labels_WhenANameWasForged_Disagree()
    {
        var forged = new ItemOutput { Labels = [new LabelScore(3, "cat", 0.9)] };
        AssertSays(Agreement.Disagree, Top1, Samples.Labels((3, 0.9)), forged);
    }

    [Fact]
    public void Labels_WhenOneListIsShorter_Disagree() =>
        AssertSays(Agreement.Disagree, Top1, Samples.Labels((3, 0.9), (1, 0.05)), Samples.Labels((3, 0.9)));

    private static void AssertSays(Agreement expected, Comparator comparator, ItemOutput a, ItemOutput b)
    {
        Assert.Equal(expected, OutputComparer.Compare(comparator, a, b));
        Assert.Equal(expected, OutputComparer.Compare(comparator, b, a));
    }
}
