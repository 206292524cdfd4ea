using System.Net.WebSockets;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Session;

/// <summary>What came over the socket.</summary>
internal enum FrameKind
{
    /// <summary>A whole text message.</summary>
    Text,

    /// <summary>A message that is not text.</summary>
    Binary,

    /// <summary>A message longer than the protocol allows; the rest of it was not read.</summary>
    TooLarge,

    /// <summary>The grid closes.</summary>
    Closed,
}

/// <summary>Reads whole messages into one buffer that grows with them, up to the protocol's limit.</summary>
internal sealed class FrameReader(WebSocket socket)
{
    private byte[] _buffer = new byte[16 << 10];

    /// <summary>The next message. Its bytes are valid until the next call.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async Task<(FrameKind Kind, ReadOnlyMemory<byte> Bytes)> ReadAsync(CancellationToken cancellationToken)
    {
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
}
