using System.Runtime.InteropServices;

namespace PiGrid.Inference.Imaging;

/// <summary>How decoded samples lie in memory, and their way to 8-bit RGB in integer arithmetic alone.</summary>
/// <param name="Bands">Samples per pixel: grey 1, grey and alpha 2, RGB 3, RGB and alpha or CMYK 4.</param>
/// <param name="IsWide">Whether samples have 16 bits.</param>
/// <param name="IsCmyk">Whether the samples are inks, 0 for none.</param>
internal readonly record struct SampleLayout(int Bands, bool IsWide, bool IsCmyk)
{
    /// <summary>Whether these samples can be read.</summary>
    public bool IsKnown => IsCmyk ? Bands == 4 : Bands is >= 1 and <= 4;

    /// <summary>Fills <paramref name="rgb"/>, whose length is 3 times the number of pixels.</summary>
    public void ToRgb(ReadOnlySpan<byte> samples, Span<byte> rgb)
    {
        if (IsWide)
        {
            samples = Narrow(MemoryMarshal.Cast<byte, ushort>(samples));
        }

        switch (Bands)
        {
            case 3:
                samples[..rgb.Length].CopyTo(rgb);
                break;
            case 4 when IsCmyk:
                FromCmyk(samples, rgb);
                break;
            case 4:
                Flatten(samples, rgb);
                break;
            default:
                FromGrey(samples, rgb, Bands);
                break;
        }
    }

    /// <summary>16 bits to 8, rounded to the nearest, as the PNG specification (13.12) asks.</summary>
    private static byte[] Narrow(ReadOnlySpan<ushort> wide)
    {
        var narrow = new byte[wide.Length];
        unchecked
        {
            for (var i = 0; i < narrow.Length; i++)
            {
                narrow[i] = (byte)(((wide[i] * 255u) + 32895u) >> 16);
            }
        }

        return narrow;
    }

    private static void FromGrey(ReadOnlySpan<byte> samples, Span<byte> rgb, int bands)
    {
        unchecked
        {
            for (int from = 0, to = 0; to < rgb.Length; from += bands, to += 3)
            {
                var grey = bands == 1 ? samples[from] : OverWhite(samples[from], samples[from + 1]);
                rgb[to] = grey;
                rgb[to + 1] = grey;
                rgb[to + 2] = grey;
            }
        }
    }

    private static void Flatten(ReadOnlySpan<byte> samples, Span<byte> rgb)
    {
        unchecked
        {
            for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
            {
                var alpha = samples[from + 3];
                rgb[to] = OverWhite(samples[from], alpha);
                rgb[to + 1] = OverWhite(samples[from + 1], alpha);
                rgb[to + 2] = OverWhite(samples[from + 2], alpha);
            }
        }
    }

    /// <summary>Inks as ideal filters, without a profile: (1 - ink) * (1 - black).</summary>
    private static void FromCmyk(ReadOnlySpan<byte> samples, Span<byte> rgb)
    {
        unchecked
        {
            for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
            {
                var light = 255 - samples[from + 3];
                rgb[to] = (byte)((((255 - samples[from]) * light) + 127) / 255);
                rgb[to + 1] = (byte)((((255 - samples[from + 1]) * light) + 127) / 255);
                rgb[to + 2] = (byte)((((255 - samples[from + 2]) * light) + 127) / 255);
            }
        }
    }

    /// <summary>White is what people see behind a transparent picture nearly everywhere.</summary>
    private static byte OverWhite(byte colour, byte alpha) => unchecked((byte)(((colour * alpha) + (255 * (255 - alpha)) + 127) / 255));
}
