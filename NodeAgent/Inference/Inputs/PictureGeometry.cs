using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Inputs;

/// <summary>
/// Where a picture lies in its tensor. The picture is thought of as resized to <see cref="ScaledWidth"/> x <see cref="ScaledHeight"/>
/// and put with its top-left corner at (<see cref="Left"/>, <see cref="Top"/>) of the tensor; both are negative for a crop.
/// </summary>
/// <param name="Width">The tensor's width in pixels.</param>
/// <param name="Height">The tensor's height in pixels.</param>
/// <param name="SourceWidth">The picture's width in pixels.</param>
/// <param name="SourceHeight">The picture's height in pixels.</param>
/// <param name="ScaledWidth">The resized picture's width.</param>
/// <param name="ScaledHeight">The resized picture's height.</param>
/// <param name="Left">The resized picture's left edge in the tensor.</param>
/// <param name="Top">The resized picture's upper edge in the tensor.</param>
internal readonly record struct PictureGeometry(
    int Width, int Height, int SourceWidth, int SourceHeight, int ScaledWidth, int ScaledHeight, int Left, int Top)
{
    /// <summary>Where a picture of this size lies. Integer arithmetic alone, so that all nodes agree; lengths round down, as in YOLOX.</summary>
    public static PictureGeometry Of(ImageSteps steps, int width, int height) => steps.Fit switch
    {
        ImageFit.Letterbox => Fitted(steps, width, height, centred: false),
        ImageFit.LetterboxCentred => Fitted(steps, width, height, centred: true),
        ImageFit.Stretch => new(steps.Width, steps.Height, width, height, steps.Width, steps.Height, 0, 0),
        ImageFit.CentreCrop => Cropped(steps, width, height),
    };

    /// <summary>From a box in the tensor's pixels to one in the picture's own.</summary>
    public Box ToPicture(double x0, double y0, double x1, double y1)
    {
        var (perX, perY) = ((double)SourceWidth / ScaledWidth, (double)SourceHeight / ScaledHeight);
        return new((x0 - Left) * perX, (y0 - Top) * perY, (x1 - Left) * perX, (y1 - Top) * perY);
    }

    private static PictureGeometry Fitted(ImageSteps steps, int width, int height, bool centred)
    {
        var isWide = (long)width * steps.Height >= (long)height * steps.Width;
        var scaledWidth = isWide ? steps.Width : Math.Clamp(Ratio(width, steps.Height, height), 1, steps.Width);
        var scaledHeight = isWide ? Math.Clamp(Ratio(height, steps.Width, width), 1, steps.Height) : steps.Height;
        return new(
            steps.Width, steps.Height, width, height, scaledWidth, scaledHeight,
            centred ? (steps.Width - scaledWidth) / 2 : 0,
            centred ? (steps.Height - scaledHeight) / 2 : 0);
    }

    private static PictureGeometry Cropped(ImageSteps steps, int width, int height)
    {
        var side = steps.ShortSide ?? Math.Max(steps.Width, steps.Height);
        var scaledWidth = width <= height ? side : Ratio(width, side, height);
        var scaledHeight = width <= height ? Ratio(height, side, width) : side;
        return new(
            steps.Width, steps.Height, width, height, scaledWidth, scaledHeight,
            -((scaledWidth - steps.Width) / 2),
            -((scaledHeight - steps.Height) / 2));
    }

    /// <summary>length * to / from, rounded down; a crop of an extreme picture may make it huge, but nothing of that size is made.</summary>
    private static int Ratio(int length, int to, int from) => (int)Math.Min((long)length * to / from, int.MaxValue);
}
