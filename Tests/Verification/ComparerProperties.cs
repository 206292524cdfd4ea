using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

/// <summary>What holds for every comparator, on outputs that FsCheck makes up.</summary>
public class ComparerProperties
{
    [Theory]
    [InlineData(ComparatorKind.Exact)]
    [InlineData(ComparatorKind.Tensors)]
    [InlineData(ComparatorKind.Labels)]
    [InlineData(ComparatorKind.Detections)]
    [InlineData(ComparatorKind.Text)]
    public void Comparing_WhenSidesAreSwapped_SaysTheSame(ComparatorKind kind) => Dice.Check(400, dice =>
    {
        var comparator = Comparator(dice, kind);
        var (a, b) = Pair(dice, kind);

        Assert.Equal(OutputComparer.Compare(comparator, a, b), OutputComparer.Compare(comparator, b, a));
    });

    [Theory]
    [InlineData(ComparatorKind.Exact)]
    [InlineData(ComparatorKind.Tensors)]
    [InlineData(ComparatorKind.Labels)]
    [InlineData(ComparatorKind.Detections)]
    [InlineData(ComparatorKind.Text)]
    public void Comparing_WhenAnOutputIsClean_AgreesWithItself(ComparatorKind kind) => Dice.Check(200, dice =>
    {
        var output = Samples.Output(dice.Several(3, d => Samples.Item(d, kind)));

        Assert.Empty(OutputChecks.Check(output, 3));
        Assert.Equal(Agreement.Agree, OutputComparer.Compare(Comparator(dice, kind), output, output));
    });

    [Theory]
    [InlineData(ComparatorKind.Tensors)]
    [InlineData(ComparatorKind.Labels)]
    [InlineData(ComparatorKind.Detections)]
    public void Comparing_WhenToleranceGrows_NeverAgreesLess(ComparatorKind kind) => Dice.Check(400, dice =>
    {
        var strict = Comparator(dice, kind);
        var lax = strict with
        {
            Absolute = strict.Absolute * 3,
            Relative = strict.Relative * 3,
            ScoreTolerance = strict.ScoreTolerance * 2,
            Iou = strict.Iou * 0.8,
        };
        var (a, b) = Pair(dice, kind);

        Assert.True(Rank(OutputComparer.Compare(lax, a, b)) >= Rank(OutputComparer.Compare(strict, a, b)));
    });

    [Theory]
    [InlineData(ComparatorKind.Tensors)]
    [InlineData(ComparatorKind.Labels)]
    [InlineData(ComparatorKind.Detections)]
    public void Honest_WhoAgreeWithOneResult_NeverContradictEachOther(ComparatorKind kind)
    {
        // A forger in the middle must not set two nodes at odds, whatever it returns.
        var met = 0;
        Dice.Check(3_000, dice =>
        {
            var comparator = Comparator(dice, kind);
            var middle = Samples.Output(Samples.Item(dice, kind));
            var a = Samples.Output(Samples.Moved(dice, middle.Items[0]));
            var b = Samples.Output(Samples.Moved(dice, middle.Items[0]));
            if (OutputComparer.Compare(comparator, a, middle) == Agreement.Agree && OutputComparer.Compare(comparator, middle, b) == Agreement.Agree)
            {
                met++;
                Assert.NotEqual(Agreement.Disagree, OutputComparer.Compare(comparator, a, b));
            }
        });
        Assert.True(met > 100, $"Only {met} cases were met.");
    }

    [Theory]
    [InlineData(ComparatorKind.Tensors)]
    [InlineData(ComparatorKind.Labels)]
    [InlineData(ComparatorKind.Detections)]
    public void Samples_WhenCompared_GiveEveryAnswer(ComparatorKind kind)
    {
        // The properties above would hold of outputs that all agree: these do not. The numbers are the same in every run.
        var numbers = new Random(1);
        var seen = new HashSet<Agreement>();
        for (var i = 0; i < 2_000; i++)
        {
            var dice = new Dice([.. Enumerable.Range(0, 40).Select(_ => numbers.Next())]);
            var (a, b) = Pair(dice, kind);
            seen.Add(OutputComparer.Compare(Comparator(dice, kind), a, b));
        }

        Assert.Contains(Agreement.Agree, seen);
        Assert.Contains(Agreement.Disagree, seen);
        Assert.Contains(Agreement.Inconclusive, seen);
    }

    private static int Rank(Agreement agreement) => agreement switch
    {
        Agreement.Disagree => 0,
        Agreement.Inconclusive => 1,
        Agreement.Agree => 2,
    };

    private static Comparator Comparator(Dice dice, ComparatorKind kind) => new()
    {
        Kind = kind,
        ScoreTolerance = dice.OneOf(0, 0.02, 0.05),
        Iou = dice.OneOf(0.7, 0.8, 0.95),
        TopK = 1 + dice.Below(4),
        DecisionThreshold = dice.Once(3) ? null : 0.3,
    };

    private static (ShardOutput A, ShardOutput B) Pair(Dice dice, ComparatorKind kind)
    {
        var a = dice.Several(1 + dice.Below(2), d => Samples.Item(d, kind));
        return (Samples.Output(a), Samples.Output(a.Select(item => dice.Once(12) ? Samples.Item(dice, kind) : Samples.Moved(dice, item)).ToArray()));
    }
}
