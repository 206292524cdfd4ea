using System.Text;

namespace PiGrid.Inference.Imaging;

/// <summary>The picture formats that the grid decodes, told apart by their first bytes: file names and declared types are never trusted.</summary>
internal static class PictureFormat
{
    /// <summary>The name of libvips' loader for these bytes.</summary>
    /// <exception cref="ItemException">They are no JPEG or PNG; the message says what they look like.</exception>
    public static string LoaderOf(ReadOnlySpan<byte> data)
    {
        if (data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return "jpegload_buffer";
        }

        if (data.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return "pngload_buffer";
        }

        throw new ItemException(
            Verification.ItemErrorCode.Undecodable,
            data.IsEmpty
                ? "The input is empty (0 bytes); a JPEG or PNG picture is needed."
                : $"The input is no JPEG or PNG picture: {Describe(data)}. Convert it to JPEG or PNG.");
    }

    private static string Describe(ReadOnlySpan<byte> data) => data switch
    {
        _ when data.StartsWith("GIF8"u8) => "it is a GIF",
        _ when data.StartsWith("BM"u8) => "it looks like a BMP",
        _ when data.Length >= 12 && data.StartsWith("RIFF"u8) && data[8..].StartsWith("WEBP"u8) => "it is a WebP",
        _ when data.StartsWith("II*\0"u8) || data.StartsWith("MM\0*"u8) => "it is a TIFF",
        _ when data.Length >= 12 && data[4..].StartsWith("ftyp"u8) => $"it is an ISO media file ({Encoding.ASCII.GetString(data[8..12])}), such as HEIC, AVIF or a video",
        _ when data.StartsWith("%PDF"u8) => "it is a PDF",
        _ when data.TrimStart(" \t\r\n"u8).StartsWith("<"u8) => "it is text such as HTML or SVG",
        _ => $"it starts with the bytes {Convert.ToHexStringLower(data[..Math.Min(8, data.Length)])}",
    };
}
