using PiGrid.Inference.Imaging;

namespace PiGrid.Client.Drawing;

/// <summary>A colour of 8 bits a channel.</summary>
internal readonly record struct Rgb(byte R, byte G, byte B);

/// <summary>Draws rectangles and text into a picture; what lies outside is cut off.</summary>
internal sealed class Canvas(Picture picture)
{
    /// <summary>A filled rectangle; x1 and y1 are just outside.</summary>
    public void Fill(int x0, int y0, int x1, int y1, Rgb colour)
    {
        for (var y = Math.Max(0, y0); y < Math.Min(picture.Height, y1); y++)
        {
            for (var x = Math.Max(0, x0); x < Math.Min(picture.Width, x1); x++)
            {
                var at = ((y * picture.Width) + x) * 3;
                (picture.Rgb[at], picture.Rgb[at + 1], picture.Rgb[at + 2]) = (colour.R, colour.G, colour.B);
            }
        }
    }

    /// <summary>A rectangle's outline, its line inside the rectangle.</summary>
    public void Frame(int x0, int y0, int x1, int y1, int line, Rgb colour)
    {
        Fill(x0, y0, x1, y0 + line, colour);
        Fill(x0, y1 - line, x1, y1, colour);
        Fill(x0, y0, x0 + line, y1, colour);
        Fill(x1 - line, y0, x1, y1, colour);
    }

    /// <summary>Text with its top left corner at x, y; each pixel of the font becomes a square of that scale.</summary>
    public void Text(int x, int y, string text, int scale, Rgb colour)
    {
        foreach (var c in text)
        {
            var rows = Font.RowsOf(c);
            for (var row = 0; row < Font.Height; row++)
            {
                for (var column = 0; column < Font.Width; column++)
                {
                    if ((rows[row] & (16 >> column)) != 0)
                    {
                        var (left, top) = (x + (column * scale), y + (row * scale));
                        Fill(left, top, left + scale, top + scale, colour);
                    }
                }
            }

            x += (Font.Width + 1) * scale;
        }
    }

    /// <summary>The width of a text in pixels.</summary>
    public static int WidthOf(string text, int scale) => text.Length * (Font.Width + 1) * scale;
}
