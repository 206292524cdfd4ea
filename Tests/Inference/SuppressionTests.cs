using FsCheck;
using FsCheck.Fluent;
using PiGrid.Inference.Outputs;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>What non-maximum suppression promises, for any candidates; and what intersection over union is.</summary>
public class SuppressionTests
{
    private const double IouMax = 0.5;

    private static readonly Gen<Box> Boxes =
        from x in Gen.Choose(0, 20)
        from y in Gen.Choose(0, 20)
        from w in Gen.Choose(1, 12)
        from h in Gen.Choose(1, 12)
        select new Box(x, y, x + w, y + h);

    private static readonly Arbitrary<Candidate[]> Candidates = (
        from box in Boxes
        from kind in Gen.Choose(0, 2)
        from score in Gen.Choose(0, 4)
        select new Candidate(kind, 0, score / 4.0, box)).ArrayOf().Select(Numbered).ToArbitrary();

    [Fact]
    public void Keep_OfAnyCandidates_LeavesNoTwoThatOverlapInOneClass() => Prop.ForAll(Candidates, all =>
    {
        var kept = Keep(all);
        return kept.All(a => kept.All(b => a == b || a.Class != b.Class || a.Box.IntersectionOverUnion(b.Box) <= IouMax));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Keep_OfAnyCandidates_DropsOnlyWhatOverlapsABetterOne() => Prop.ForAll(Candidates, all =>
    {
        var kept = Keep(all);
        return all.Except(kept).All(gone => kept.Any(k =>
            k.Class == gone.Class && k.Score >= gone.Score && k.Box.IntersectionOverUnion(gone.Box) > IouMax));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Keep_OfAnyCandidates_DoesNotDependOnTheirOrder() => Prop.ForAll(Candidates, all =>
        Keep(all).SequenceEqual(Keep([.. all.Reverse()]))).QuickCheckThrowOnFailure();

    [Fact]
    public void Keep_OfWhatItKept_KeepsAll() => Prop.ForAll(Candidates, all =>
        Keep(all) is var kept && Keep([.. kept]).SequenceEqual(kept)).QuickCheckThrowOnFailure();

    [Fact]
    public void Keep_WithALimit_KeepsTheBest() => Prop.ForAll(Candidates, all =>
        Suppression.Keep([.. all], IouMax, 3).SequenceEqual(Keep(all).Take(3))).QuickCheckThrowOnFailure();

    [Fact]
    public void Keep_OfEqualScores_PrefersTheLowerClassThenTheLowerRow()
    {
        var box = new Box(0, 0, 4, 4);

        var kept = Suppression.Keep([new(1, 0, 0.5, box), new(0, 9, 0.5, box), new(0, 7, 0.5, box)], IouMax, 10);

        Assert.Equal([(0, 7), (1, 0)], kept.Select(k => (k.Class, k.Index)));
    }

    [Fact]
    public void Keep_OfEverythingEverywhere_EndsSoon()
    {
        var many = Enumerable.Range(0, 200_000).Select(i => new Candidate(0, i, 0.9, new Box(i, 0, i + 1, 1))).ToList();

        Assert.Equal(1000, Suppression.Keep(many, IouMax, 1000).Count);
    }

    [Fact]
    public void Iou_OfAnyBoxes_IsSymmetricBetweenZeroAndOneAndOneWithItself() => Prop.ForAll(Boxes.ToArbitrary(), Boxes.ToArbitrary(), (a, b) =>
    {
        var iou = a.IntersectionOverUnion(b);
        return iou is >= 0 and <= 1 && iou == b.IntersectionOverUnion(a) && a.IntersectionOverUnion(a) == 1 && (iou < 1 || a == b);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Iou_OfAnyBoxes_StaysWhenBothAreStretched() => Prop.ForAll(Boxes.ToArbitrary(), Boxes.ToArbitrary(), (a, b) =>
        Math.Abs(Stretch(a).IntersectionOverUnion(Stretch(b)) - a.IntersectionOverUnion(b)) < 1e-12).QuickCheckThrowOnFailure();

    private static Box Stretch(Box box) => new((box.X0 * 3) - 7, box.Y0 * 0.5, (box.X1 * 3) - 7, box.Y1 * 0.5);

    private static List<Candidate> Keep(IEnumerable<Candidate> all) => Suppression.Keep([.. all], IouMax, int.MaxValue);

    private static Candidate[] Numbered(Candidate[] all) => [.. all.Select((c, i) => c with { Index = i })];
}
