using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Session;

/// <summary>
/// Queues frames for the session of the moment; one writer at a time touches the socket: whoever queues a frame while none is being sent sends it itself, so that
/// it does not wait for a thread.
/// </summary>
internal sealed class Outbox : IOutbox
{
    private const int FramesMax = 4096;

    private volatile Link? _link;

    /// <inheritdoc/>
    public WelcomeMessage? Welcome => _link?.Welcome;

    /// <inheritdoc/>
    public bool TrySend(AgentMessage message)
    {
        if (_link is not { } link)
        {
            return false;
        }

        var frame = Encode(message);
        return frame.Length <= NodeProtocol.FrameBytesMax && link.Frames.Writer.TryWrite(frame);
    }

    /// <summary>The bytes of a message.</summary>
    public static byte[] Encode(AgentMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, GridJson.Wire);

    /// <summary>Sends what is queued over a socket until it fails or <see cref="Close"/> is called.</summary>
    public async Task RunAsync(WebSocket socket, WelcomeMessage welcome, Action opened, CancellationToken cancellationToken)
    {
        var link = new Link(welcome);
        _link = link;
        try
        {
            opened();
            await foreach (var frame in link.Frames.Reader.ReadAllAsync(cancellationToken))
            {
                await socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            }
        }
        finally
        {
            _link = null;

            // What ends the session must not run in the midst of whoever queued a frame.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
    }

    /// <summary>Lets what is queued go out and nothing more.</summary>
    public void Close() => _link?.Frames.Writer.TryComplete();

    private sealed class Link(WelcomeMessage welcome)
    {
        public WelcomeMessage Welcome { get; } = welcome;

        public Channel<byte[]> Frames { get; } = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(FramesMax) { SingleReader = true, AllowSynchronousContinuations = true });
    }
}
