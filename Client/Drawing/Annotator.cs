using System.Globalization;
using PiGrid.Inference.Imaging;
using PiGrid.Verification;

namespace PiGrid.Client.Drawing;

/// <summary>Draws what a model found into the picture, for people: a box for each detection, a line for each label.</summary>
internal static class Annotator
{
    // Colours that stay apart from each other and from streets, in the order of class indexes.
    private static readonly Rgb[] Palette =
    [
        new(230, 25, 75), new(60, 180, 75), new(255, 225, 25), new(0, 130, 200), new(245, 130, 48), new(145, 30, 180),
        new(70, 240, 240), new(240, 50, 230), new(210, 245, 60), new(250, 190, 212), new(0, 128, 128), new(170, 110, 40),
    ];

    /// <summary>A copy of the picture with the output drawn into it.</summary>
    public static Picture Draw(Picture picture, ItemOutput output)
    {
        var copy = new Picture(picture.Width, picture.Height, (byte[])picture.Rgb.Clone());
        var canvas = new Canvas(copy);
        var scale = Math.Clamp(Math.Min(picture.Width, picture.Height) / 240, 1, 8);

        // The best detection is drawn last and so lies on top.
        foreach (var found in (output.Detections ?? []).Reverse())
        {
            DrawDetection(canvas, copy, found, scale);
        }

        var lines = (output.Labels ?? []).Select(l => (l.Class, Text: Caption(l.Label, l.Score))).ToList();
        if (output.Error is { } error)
        {
            lines.Add((0, $"{error.Code}: no output"));
        }

        for (var i = 0; i < lines.Count; i++)
        {
            DrawCaption(canvas, 0, i * LineHeight(scale), lines[i].Text, scale, ColourOf(lines[i].Class));
        }

        return copy;
    }

    private static void DrawDetection(Canvas canvas, Picture picture, Detection found, int scale)
    {
        var colour = ColourOf(found.Class);
        var (x0, y0) = (Pixel(found.Box.X0, picture.Width), Pixel(found.Box.Y0, picture.Height));
        var (x1, y1) = (Pixel(found.Box.X1, picture.Width), Pixel(found.Box.Y1, picture.Height));
        canvas.Frame(x0, y0, x1, y1, scale + 1, colour);
        var above = y0 - LineHeight(scale);
        DrawCaption(canvas, x0, above >= 0 ? above : y0, Caption(found.Label, found.Score), scale, colour);
    }

    private static void DrawCaption(Canvas canvas, int x, int y, string text, int scale, Rgb colour)
    {
        canvas.Fill(x, y, x + Canvas.WidthOf(text, scale) + scale, y + LineHeight(scale), colour);
        var dark = (colour.R * 299) + (colour.G * 587) + (colour.B * 114) < 128_000;
        canvas.Text(x + scale, y + scale, text, scale, dark ? new(255, 255, 255) : new(0, 0, 0));
    }

    private static string Caption(string label, double score) =>
        string.Create(CultureInfo.InvariantCulture, $"{label} {score:0.00}");

    private static int LineHeight(int scale) => (Font.Height + 2) * scale;

    private static int Pixel(double at, int size) => (int)Math.Round(Math.Clamp(at, 0, size));

    private static Rgb ColourOf(int index) => Palette[(int)((uint)index % (uint)Palette.Length)];
}
