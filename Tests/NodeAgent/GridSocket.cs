using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using PiGrid.Protocol;

namespace PiGrid.Tests.NodeAgent;

/// <summary>The grid's end of one connection.</summary>
internal sealed class GridSocket(WebSocket socket)
{
    private readonly Channel<AgentMessage> _heard = Channel.CreateUnbounded<AgentMessage>();

    /// <summary>What the node proved itself with; set by the handshake.</summary>
    public ProveMessage? Proof { get; private set; }

    /// <summary>How the node closed; null when it did not.</summary>
    public WebSocketCloseStatus? Closed { get; private set; }

    /// <summary>The next message of this type; others before it are skipped.</summary>
    public async Task<T> NextAsync<T>()
        where T : AgentMessage
    {
        using var late = new CancellationTokenSource(Patience.Limit);
        await foreach (var message in _heard.Reader.ReadAllAsync(late.Token))
        {
            if (message is T expected)
            {
                return expected;
            }
        }

        throw new InvalidOperationException($"The connection ended before a {typeof(T).Name} came.");
    }

    /// <summary>Ends when the connection does.</summary>
    public Task EndAsync() => _heard.Reader.Completion.WaitAsync(Patience.Limit);

    /// <summary>Everything that came and was not asked for.</summary>
    public IReadOnlyList<AgentMessage> Rest()
    {
        List<AgentMessage> rest = [];
        while (_heard.Reader.TryRead(out var message))
        {
            rest.Add(message);
        }

        return rest;
    }

    public Task SendAsync(NodeMessage message) => SendTextAsync(JsonSerializer.SerializeToUtf8Bytes(message, GridJson.Wire));

    public Task SendTextAsync(string text) => SendTextAsync(Encoding.UTF8.GetBytes(text));

    public Task SendTextAsync(byte[] utf8) => socket.SendAsync(utf8, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    public Task SendBinaryAsync(byte[] bytes) => socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    /// <summary>Hello and challenge.</summary>
    public async Task<(HelloMessage Hello, ChallengeMessage Challenge)> ChallengeAsync(ProtocolGrid grid, int version = NodeProtocol.Version)
    {
        var hello = await NextAsync<HelloMessage>();
        var challenge = new ChallengeMessage { Nonce = new byte[32], Version = version, GridKey = grid.PublicKey };
        await SendAsync(challenge);
        return (hello, challenge);
    }

    public async Task ShakeHandsAsync(ProtocolGrid grid, int heartbeatMs, int inlineMax, IReadOnlyList<LeaseId> stop, int? resendMs = null)
    {
        await ChallengeAsync(grid);
        Proof = await NextAsync<ProveMessage>();
        await SendAsync(new WelcomeMessage
        {
            Session = Guid.NewGuid(),
            HeartbeatMs = heartbeatMs,
            InlineOutputBytesMax = inlineMax,
            Stop = stop,
            ResendMs = resendMs,
        });
    }

    public void Abort() => socket.Abort();

    public async Task ReadAsync()
    {
        var buffer = new byte[NodeProtocol.FrameBytesMax];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    Closed = socket.CloseStatus;
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                }

                _heard.Writer.TryWrite(JsonSerializer.Deserialize<AgentMessage>(buffer.AsSpan(0, length), GridJson.Wire)!);
            }
        }
        catch (WebSocketException)
        {
            // The node is gone.
        }

        _heard.Writer.TryComplete();
    }
}
