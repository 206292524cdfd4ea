namespace PiGrid.Inference.Imaging;

/// <summary>The eight ways in which a camera can be held (EXIF 2.32, tag 0x0112).</summary>
internal static class Orientation
{
    /// <summary>The picture as people see it; the same one when nothing is to be turned.</summary>
    /// <param name="picture">The picture as it is stored.</param>
    /// <param name="orientation">1 to 8; anything else counts as 1.</param>
    public static Picture Apply(Picture picture, int orientation)
    {
        if (orientation is < 2 or > 8)
        {
            return picture;
        }

        var (w, h, source) = (picture.Width, picture.Height, picture.Rgb);
        var (width, height) = orientation >= 5 ? (h, w) : (w, h);
        // The source pixel of (0, 0), and the steps in the source for one pixel to the right and one row down.
        var (start, right, down) = orientation switch
        {
            2 => (w - 1, -1, w),
            3 => ((w * h) - 1, -1, -w),
            4 => (w * (h - 1), 1, -w),
            5 => (0, w, 1),
            6 => (w * (h - 1), -w, 1),
            7 => ((w * h) - 1, -w, -1),
            _ => (w - 1, w, -1),
        };
        var turned = new byte[source.Length];
        var to = 0;
        unchecked
        {
            for (var y = 0; y < height; y++)
            {
                var from = (start + (down * y)) * 3;
                for (var x = 0; x < width; x++, to += 3, from += right * 3)
                {
                    turned[to] = source[from];
                    turned[to + 1] = source[from + 1];
                    turned[to + 2] = source[from + 2];
                }
            }
        }

        return new Picture(width, height, turned);
    }
}
