using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

public class OutputComparerTests
{
    private static readonly Comparator Labels = new() { Kind = ComparatorKind.Labels, ScoreTolerance = 0.02 };
    private static readonly Comparator Text = new() { Kind = ComparatorKind.Text };
    private static readonly ItemOutput Sure = Samples.Labels((1, 0.9), (2, 0.1));
    private static readonly ItemOutput Close = Samples.Labels((1, 0.505), (2, 0.495));
    private static readonly ItemOutput CloseOther = Samples.Labels((2, 0.505), (1, 0.495));

    [Fact]
    public void Errors_WhenTheirCodesAreEqual_AgreeWhateverTheMessage() => Assert.Equal(
        Agreement.Agree,
        OutputComparer.Compare(Labels, Samples.Error(ItemErrorCode.TooLarge, "too large"), Samples.Error(ItemErrorCode.TooLarge, "zu gross")));

    [Fact]
    public void Errors_WhenTheirCodesDiffer_Disagree() => Assert.Equal(
        Agreement.Disagree, OutputComparer.Compare(Labels, Samples.Error(ItemErrorCode.TooLarge), Samples.Error(ItemErrorCode.Undecodable)));

    [Fact]
    public void Errors_OfTimeAndMemory_AgreeWithEachOtherAndProveNothingElse()
    {
        var late = Samples.Error(ItemErrorCode.TimedOut);
        var dead = Samples.Error(ItemErrorCode.WorkerDied);

        Assert.Equal(Agreement.Agree, OutputComparer.Compare(Labels, late, dead));
        Assert.All(new[] { late, dead }, error =>
        {
            Assert.Equal(Agreement.Agree, OutputComparer.Compare(Labels, error, error));
            Assert.Equal(Agreement.Inconclusive, OutputComparer.Compare(Labels, error, Sure));
            Assert.Equal(Agreement.Inconclusive, OutputComparer.Compare(Labels, Samples.Error(ItemErrorCode.TooLarge), error));
        });
    }

    [Fact]
    public void Error_AgainstAnOutput_Disagrees()
    {
        Assert.Equal(Agreement.Disagree, OutputComparer.Compare(Labels, Samples.Error(ItemErrorCode.TooLarge), Sure));
        Assert.Equal(Agreement.Disagree, OutputComparer.Compare(Labels, Sure, Samples.Error(ItemErrorCode.TooLarge)));
    }

    [Fact]
    public void Outputs_WhenOneItemIsInconclusive_AreInconclusive() => Assert.Equal(
        Agreement.Inconclusive, OutputComparer.Compare(Labels, Samples.Output(Sure, Close), Samples.Output(Sure, CloseOther)));

    [Fact]
    public void Outputs_WhenOneItemDisagrees_Disagree() => Assert.Equal(
        Agreement.Disagree,
        OutputComparer.Compare(Labels, Samples.Output(Close, Sure), Samples.Output(CloseOther, Samples.Error(ItemErrorCode.TooLarge))));

    [Fact]
    public void Outputs_WhenTheirNumberDiffers_Disagree() => Assert.Equal(
        Agreement.Disagree, OutputComparer.Compare(Labels, Samples.Output(Sure), Samples.Output(Sure, Sure)));

    [Fact]
    public void Texts_WhenTheirTokensAreEqual_Agree()
    {
        Assert.Equal(Agreement.Agree, OutputComparer.Compare(Text, Samples.Text(1, 2), Samples.Text(1, 2)));
        Assert.Equal(Agreement.Disagree, OutputComparer.Compare(Text, Samples.Text(1, 2), Samples.Text(1, 2, 3)));
        Assert.Equal(Agreement.Disagree, OutputComparer.Compare(Text, Samples.Text(1, 2), Samples.Text(2, 1)));
    }

    [Fact]
    public void Texts_WhenOnlyTheTextWasForged_Disagree()
    {
        var forged = new ItemOutput { Text = new GeneratedText([1, 2], "something else") };
        Assert.Equal(Agreement.Disagree, OutputComparer.Compare(Text, Samples.Text(1, 2), forged));
    }

    [Fact]
    public void Outputs_OfAnotherKindThanTheComparators_AreComparedExactly()
    {
        Assert.Equal(Agreement.Agree, OutputComparer.Compare(Text, Sure, Samples.Labels((1, 0.9), (2, 0.1))));
        Assert.Equal(Agreement.Disagree, OutputComparer.Compare(Text, Sure, Samples.Labels((1, 0.9000001), (2, 0.1))));
        Assert.Equal(Agreement.Disagree, OutputComparer.Compare(Text, Sure, Samples.Text(1)));
    }
}
