using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PiGrid.Inference.Outputs;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>Best classes, softmax, label files and rounding.</summary>
public class LabelsOutputTests
{
    [Fact]
    public void Best_OfEqualScores_PutsTheLowerClassFirst()
    {
        var best = new LabelsOutput(LabelFile.None, 3, softmax: false).Best([0.5f, 0.75f, 0.5f, 0.75f]);

        Assert.Equal([(1, "1", 0.75), (3, "3", 0.75), (0, "0", 0.5)], best.Select(l => (l.Class, l.Label, l.Score)));
    }

    [Fact]
    public void Best_OfFewerClassesThanAsked_GivesAll() => Assert.Equal(2, new LabelsOutput(LabelFile.None, 5, softmax: true).Best([1, 2]).Length);

    [Fact]
    public void Softmax_OfAnyValues_SumsToOneAndKeepsTheOrder() => Prop.ForAll(
        Gen.Choose(-500, 500).Select(i => (float)i).NonEmptyListOf().ToArbitrary(),
        values =>
        {
            var result = LabelsOutput.Softmax([.. values]);
            return Math.Abs(result.Sum() - 1) < 1e-9 && Enumerable.Range(1, result.Length - 1).All(i =>
                Math.Sign(result[i] - result[i - 1]) is 0 || Math.Sign(result[i] - result[i - 1]) == Math.Sign(values[i] - values[i - 1]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Scores_AreRoundedToSixDecimals()
    {
        Assert.Equal(0.123457, Rounding.Score(0.12345651));
        Assert.Equal("{\"v\":0}", Encoding.UTF8.GetString(CanonicalJson.Serialize(new { V = Rounding.Score(-1e-9) })));
        Assert.False(double.IsNegative(Rounding.Score(-1e-9)));
    }

    [Fact]
    public void Boxes_AreRoundedToTwoDecimals()
    {
        var box = Rounding.Box(new(1.006, -0.001, 10.126, 3));

        Assert.Equal(new Box(1.01, 0, 10.13, 3), box);
        Assert.False(double.IsNegative(box.Y0));
    }

    [Fact]
    public void LabelFile_TakesOneClassALine()
    {
        var labels = LabelFile.TryRead("\uFEFFcat\r\nguide dog\r\n\r\n"u8, out _)!;

        Assert.Equal((2, "guide dog"), (labels.Count, labels.NameOf(1)));
    }

    [Theory]
    [InlineData("cat\n\ndog", "line 2")]
    [InlineData("", "line 1")]
    [InlineData("cat\nd\u0007og", "line 2")]
    public void LabelFile_WhenALineIsNoName_NamesTheLine(string text, string expected)
    {
        Assert.Null(LabelFile.TryRead(Encoding.UTF8.GetBytes(text), out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void LabelFile_WhenNoUtf8_SaysSo()
    {
        Assert.Null(LabelFile.TryRead([(byte)'a', 0xFF], out var error));
        Assert.Contains("UTF-8", error, StringComparison.Ordinal);
    }
}
