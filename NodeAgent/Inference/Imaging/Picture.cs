namespace PiGrid.Inference.Imaging;

/// <summary>A picture in memory: 8-bit red, green, blue, row by row from the top left, without padding.</summary>
public sealed class Picture
{
    /// <summary>A picture over these samples, which are not copied.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="rgb">width * height * 3 samples.</param>
    /// <exception cref="ArgumentException">The sizes are not positive, or the samples are not that many.</exception>
    public Picture(int width, int height, byte[] rgb)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(rgb);
        if (rgb.LongLength != (long)width * height * 3)
        {
            throw new ArgumentException($"{width} x {height} pixels have {(long)width * height * 3} samples, not {rgb.LongLength}.", nameof(rgb));
        }

        (Width, Height, Rgb) = (width, height, rgb);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The samples: [height, width, 3].</summary>
#pragma warning disable CA1819 // A pixel buffer, written and read in place.
    public byte[] Rgb { get; }
#pragma warning restore CA1819
}
