using System.Buffers.Binary;
using System.Text;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>A piece of what flows through a proxy: a whole WebSocket frame where there are any, or bytes as they come.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Message">The protocol message in it, by its <c>type</c>; null for all else.</param>
internal readonly record struct ProxyPiece(ReadOnlyMemory<byte> Bytes, string? Message);

/// <summary>
/// Cuts one direction of a connection into frames once it was upgraded to a WebSocket, so that a proxy knows which message passes and can pass one
/// twice: a stream of bytes cannot be duplicated, a frame in it can.
/// </summary>
internal sealed class FrameSplitter
{
    private const int HeadMax = 32 << 10;

    private byte[] _held = [];
    private Mode _mode = Mode.Head;

    private enum Mode
    {
        Head,
        Frames,
        Bytes,
    }

    /// <summary>Takes bytes; gives the pieces that are whole.</summary>
    public IEnumerable<ProxyPiece> Feed(ReadOnlyMemory<byte> bytes)
    {
        _held = [.. _held, .. bytes.Span];
        while (Next() is { } piece)
        {
            yield return piece;
        }
    }

    private ProxyPiece? Next() => _held.Length == 0 ? null : _mode switch
    {
        Mode.Head => Head(),
        Mode.Frames => Frame(),
        _ => Take(_held.Length, null),
    };

    private ProxyPiece? Head()
    {
        var end = _held.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0 && _held.Length < HeadMax)
        {
            return null;
        }

        var upgraded = end >= 0 && Encoding.ASCII.GetString(_held, 0, end).Contains("Upgrade: websocket", StringComparison.OrdinalIgnoreCase);
        _mode = upgraded ? Mode.Frames : Mode.Bytes;
        return Take(upgraded ? end + 4 : _held.Length, null);
    }

    // RFC 6455, section 5.2: FIN and opcode; mask and length; the length's 2 or 8 more bytes; 4 bytes of mask; the payload.
    private ProxyPiece? Frame()
    {
        var head = _held.AsSpan();
        var short_ = head.Length < 2 ? 0 : head[1] & 0x7F;
        var lengthBytes = short_ switch { 126 => 2, 127 => 8, _ => 0 };
        if (head.Length < 2 + lengthBytes)
        {
            return null;
        }

        var length = lengthBytes switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(head[2..]),
            8 => (long)BinaryPrimitives.ReadUInt64BigEndian(head[2..]),
            _ => short_,
        };
        var masked = (head[1] & 0x80) != 0;
        var start = 2 + lengthBytes + (masked ? 4 : 0);
        if (head.Length < start + length)
        {
            return null;
        }

        var payload = head.Slice(start, (int)length).ToArray();
        for (var i = 0; masked && i < payload.Length; i++)
        {
            payload[i] ^= head[start - 4 + (i % 4)];
        }

        return Take(start + payload.Length, head[0] == 0x81 ? TypeOf(payload) : null);
    }

    // Messages begin with their type.
    private static string? TypeOf(ReadOnlySpan<byte> payload)
    {
        var start = "{\"type\":\""u8;
        if (!payload.StartsWith(start))
        {
            return null;
        }

        var rest = payload[start.Length..];
        var end = rest.IndexOf((byte)'"');
        return end < 0 ? null : Encoding.UTF8.GetString(rest[..end]);
    }

    private ProxyPiece Take(int count, string? message)
    {
        var piece = new ProxyPiece(_held.AsMemory(0, count), message);
        _held = _held[count..];
        return piece;
    }
}
