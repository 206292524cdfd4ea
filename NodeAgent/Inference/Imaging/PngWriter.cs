using System.Buffers.Binary;
using System.IO.Compression;

namespace PiGrid.Inference.Imaging;

/// <summary>Writes pictures as PNG (8-bit RGB, each row stored as the difference to the pixel on its left), for people to look at.</summary>
public static class PngWriter
{
    private const int BytesPerPixel = 3;

    private static readonly uint[] CrcTable = MakeCrcTable();

    /// <summary>The picture as a PNG file.</summary>
    public static byte[] Write(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = 8; // bits a sample
        header[9] = 2; // RGB
        Chunk(file, "IHDR"u8, header);
        Chunk(file, "IDAT"u8, Compress(picture));
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Compress(Picture picture)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var stride = picture.Width * BytesPerPixel;
            var row = new byte[stride + 1];
            row[0] = 1; // filter type Sub
            for (var y = 0; y < picture.Height; y++)
            {
                var samples = picture.Rgb.AsSpan(y * stride, stride);
                samples[..BytesPerPixel].CopyTo(row.AsSpan(1));
                for (var i = BytesPerPixel; i < stride; i++)
                {
                    row[i + 1] = unchecked((byte)(samples[i] - samples[i - BytesPerPixel]));
                }

                zlib.Write(row);
            }
        }

        return packed.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), data));
        file.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var b in data)
        {
            crc = CrcTable[(crc ^ b) & 0xFF] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < table.Length; n++)
        {
            var c = n;
            for (var bit = 0; bit < 8; bit++)
            {
                c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            }

            table[n] = c;
        }

        return table;
    }
}
