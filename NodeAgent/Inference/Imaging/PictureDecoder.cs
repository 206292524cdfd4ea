using PiGrid.Verification;

namespace PiGrid.Inference.Imaging;

/// <summary>
/// From a JPEG or PNG file to 8-bit RGB as people see it: EXIF orientation applied, grey and CMYK converted, 16 bits rounded to 8,
/// transparency laid over white. Colour profiles are not applied, so that every node gets the same pixels.
/// </summary>
public static class PictureDecoder
{
    /// <summary>Decodes a picture.</summary>
    /// <param name="data">The file's bytes.</param>
    /// <param name="pixelsMax">The most pixels; a larger picture is refused by its header, before its pixels take memory.</param>
    /// <exception cref="ItemException">Not a picture, broken or truncated (undecodable), or too many pixels (too large).</exception>
    public static unsafe Picture Decode(ReadOnlySpan<byte> data, long pixelsMax)
    {
        var loader = PictureFormat.LoaderOf(data);
        VipsLibrary.Ensure();
        fixed (byte* start = data)
        {
            using var image = VipsImage.Open(loader, start, data.Length, out var error)
                ?? throw Undecodable("header is", error);
            var (width, height) = (image.Width, image.Height);
            // A span holds at most 2^31 bytes, and decoded samples take up to 8 bytes a pixel.
            var limit = Math.Min(pixelsMax, int.MaxValue / 8);
            if ((long)width * height > limit)
            {
                throw new ItemException(
                    ItemErrorCode.TooLarge,
                    $"The picture has {width} x {height} = {(long)width * height} pixels; at most {limit} are allowed. Make it smaller.");
            }

            var layout = new SampleLayout(image.Bands, image.Format == Vips.FormatUShort, image.IsCmyk);
            if (!layout.IsKnown || image.Format is not (Vips.FormatByte or Vips.FormatUShort))
            {
                throw new ItemException(ItemErrorCode.Undecodable, $"The picture has {image.Bands} channels of a kind that is not known. Save it as RGB.");
            }

            var rgb = new byte[width * height * 3];
            if (!image.Decode(samples => layout.ToRgb(samples, rgb), out error))
            {
                throw Undecodable("pixels are", error);
            }

            return Orientation.Apply(new Picture(width, height, rgb), image.Orientation);
        }
    }

    private static ItemException Undecodable(string what, string? reason) => new(
        ItemErrorCode.Undecodable,
        $"The picture's {what} broken or truncated ({reason}). Send the whole file, or save the picture again.");
}
