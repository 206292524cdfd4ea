using System.Net.WebSockets;

namespace PiGrid.Protocol;

/// <summary>What came over a node's WebSocket, on either side.</summary>
public enum FrameKind
{
    /// <summary>A whole text message.</summary>
    Text,

    /// <summary>A message that is not text.</summary>
    Binary,

    /// <summary>A message longer than the protocol allows; the rest of it was not read.</summary>
    TooLarge,

    /// <summary>The other side closes.</summary>
    Closed,
}

/// <summary>Reads whole messages from a socket into one buffer that grows with them, up to <see cref="NodeProtocol.FrameBytesMax"/>. One reader at a time.</summary>
/// <param name="socket">An open socket; the reader does not own it.</param>
public sealed class FrameReader(WebSocket socket)
{
    private const int SmallBytes = 4 << 10;

    private byte[] _buffer = new byte[SmallBytes];

    /// <summary>The next message. Its bytes are valid until the next call.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async Task<(FrameKind Kind, ReadOnlyMemory<byte> Bytes)> ReadAsync(CancellationToken cancellationToken)
    {
        // A large message now and then must not keep a large buffer for each of thousands of quiet sessions of a silo.
        _buffer = _buffer.Length > 16 * SmallBytes ? new byte[SmallBytes] : _buffer;
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Min(_buffer.Length * 4, NodeProtocol.FrameBytesMax + 1));
            }

            var part = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return (FrameKind.Closed, default);
            }

            if (length > NodeProtocol.FrameBytesMax)
            {
                return (FrameKind.TooLarge, default);
            }

            if (part.EndOfMessage)
            {
                return (part.MessageType == WebSocketMessageType.Text ? FrameKind.Text : FrameKind.Binary, _buffer.AsMemory(0, length));
            }
        }
    }

    /// <summary>The next message, which must be binary and of this size; null when it is another.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async Task<byte[]?> ReadBinaryAsync(int size, CancellationToken cancellationToken)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(size);
        for (var length = 0; ;)
        {
            var part = await socket.ReceiveAsync(bytes.AsMemory(length), cancellationToken);
            length += part.Count;
            if (part.MessageType != WebSocketMessageType.Binary || part.EndOfMessage != (length == size))
            {
                return null;
            }

            if (part.EndOfMessage)
            {
                return bytes;
            }
        }
    }

    /// <summary>Reads and forgets until the other side closes.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while ((await socket.ReceiveAsync(_buffer.AsMemory(), cancellationToken)).MessageType != WebSocketMessageType.Close)
        {
        }
    }
}
