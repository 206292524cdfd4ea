using FsCheck;
using FsCheck.Fluent;
using PiGrid.Inference.Inputs;
using PiGrid.Models;

namespace PiGrid.Tests.Inference;

/// <summary>Where pictures lie in tensors, for pictures and tensors of any size.</summary>
public class PictureGeometryTests
{
    private static readonly Arbitrary<(int Width, int Height, int PictureWidth, int PictureHeight)> Sizes = (
        from w in Gen.Choose(1, 512)
        from h in Gen.Choose(1, 512)
        from pw in Gen.Choose(1, 5000)
        from ph in Gen.Choose(1, 5000)
        select (w, h, pw, ph)).ToArbitrary();

    [Theory]
    [InlineData(ImageFit.Letterbox)]
    [InlineData(ImageFit.LetterboxCentred)]
    public void Letterbox_ForAnySizes_LiesInsideTouchesTwoSidesAndKeepsTheRatio(ImageFit fit) => Prop.ForAll(Sizes, s =>
    {
        var g = Of(fit, s);
        var scale = Math.Min((double)s.Width / s.PictureWidth, (double)s.Height / s.PictureHeight);
        return g.Left >= 0 && g.Top >= 0 && g.Left + g.ScaledWidth <= s.Width && g.Top + g.ScaledHeight <= s.Height
            && (g.ScaledWidth == s.Width || g.ScaledHeight == s.Height)
            && (g.ScaledWidth == 1 || Math.Abs(g.ScaledWidth - (s.PictureWidth * scale)) <= 1)
            && (g.ScaledHeight == 1 || Math.Abs(g.ScaledHeight - (s.PictureHeight * scale)) <= 1);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void CentreCrop_ForAnySizes_CoversTheTensorFromTheMiddle() => Prop.ForAll(Sizes, s =>
    {
        var g = Of(ImageFit.CentreCrop, s);
        var (beyondLeft, beyondRight) = (-g.Left, g.ScaledWidth + g.Left - s.Width);
        return beyondLeft >= 0 && beyondRight >= 0 && beyondRight - beyondLeft is 0 or 1 && g.Top <= 0 && g.ScaledHeight + g.Top >= s.Height;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(ImageFit.Letterbox)]
    [InlineData(ImageFit.LetterboxCentred)]
    [InlineData(ImageFit.Stretch)]
    [InlineData(ImageFit.CentreCrop)]
    public void ToPicture_OfTheScaledPicturesEdges_IsThePicturesEdges(ImageFit fit) => Prop.ForAll(Sizes, s =>
    {
        var g = Of(fit, s);
        var box = g.ToPicture(g.Left, g.Top, g.Left + g.ScaledWidth, g.Top + g.ScaledHeight);
        return Math.Abs(box.X0) < 1e-6 && Math.Abs(box.Y0) < 1e-6
            && Math.Abs(box.X1 - s.PictureWidth) < 1e-6 && Math.Abs(box.Y1 - s.PictureHeight) < 1e-6;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Letterbox_OfAWidePicture_IsAtTheTopLeftOrInTheMiddle()
    {
        Assert.Equal((0, 0, 416, 312), Place(Of(ImageFit.Letterbox, (416, 416, 768, 576))));
        Assert.Equal((0, 52, 416, 312), Place(Of(ImageFit.LetterboxCentred, (416, 416, 768, 576))));
    }

    private static (int Left, int Top, int Width, int Height) Place(PictureGeometry g) => (g.Left, g.Top, g.ScaledWidth, g.ScaledHeight);

    private static PictureGeometry Of(ImageFit fit, (int Width, int Height, int PictureWidth, int PictureHeight) s) => PictureGeometry.Of(
        new() { Width = s.Width, Height = s.Height, Fit = fit, ShortSide = fit == ImageFit.CentreCrop ? Math.Max(s.Width, s.Height) + 7 : null },
        s.PictureWidth, s.PictureHeight);
}
