using System.Buffers.Binary;
using System.Text.Json;

namespace PiGrid.NodeAgent.Workers.Wire;

/// <summary>Frames over a worker's standard streams: four bytes of length, little-endian, then JSON. Both ends bound what they take.</summary>
internal static class Frames
{
    /// <summary>The largest request: names and sizes.</summary>
    public const int RequestBytesMax = 256 << 10;

    /// <summary>The largest reply: one input's output. A worker that sends more is taken for broken.</summary>
    public const int ReplyBytesMax = 256 << 20;

    /// <summary>A message as a frame.</summary>
    public static byte[] Encode<T>(T message)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, GridJson.Wire);
        var frame = new byte[4 + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, json.Length);
        json.CopyTo(frame, 4);
        return frame;
    }

    /// <summary>The next message; null at the stream's end.</summary>
    /// <exception cref="InvalidDataException">The frame is too large, cut off, or no such message.</exception>
    public static T? Read<T>(Stream stream, int bytesMax)
        where T : class
    {
        Span<byte> prefix = stackalloc byte[4];
        var got = stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        if (got == 0)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (got < prefix.Length || length <= 0 || length > bytesMax)
        {
            throw new InvalidDataException($"A frame of {length} bytes came; 1 to {bytesMax} are allowed.");
        }

        var json = ReadExactly(stream, length);
        try
        {
            return JsonSerializer.Deserialize<T>(json, GridJson.Wire) ?? throw new InvalidDataException("A frame holds null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"A frame is no message: {e.Message}", e);
        }
    }

    /// <summary>So many bytes.</summary>
    /// <exception cref="InvalidDataException">The stream ended before.</exception>
    public static byte[] ReadExactly(Stream stream, long length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)length));
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length
            ? bytes
            : throw new InvalidDataException("The stream ended inside a frame.");
    }
}
