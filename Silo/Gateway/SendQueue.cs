using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using PiGrid.Grains.Telemetry;
using PiGrid.Protocol;
using PiGrid.Silo.Telemetry;

namespace PiGrid.Silo.Gateway;

/// <summary>What came of closing a queue.</summary>
internal enum QueueClosing
{
    /// <summary>The closing handshake is sent after what waits.</summary>
    Queued,

    /// <summary>There was no room for it: the connection can only be cut off.</summary>
    Full,

    /// <summary>It was closed before.</summary>
    ClosedBefore,
}

/// <summary>
/// What waits to be sent to one node, and the only place that writes to its socket. Bounded in messages and bytes: a node that reads too
/// slowly is cut off, and resumes with its leases when it connects again, rather than filling the silo's memory. Whoever queues a message while none is being
/// sent sends it itself, so that it does not wait for a thread.
/// </summary>
internal sealed class SendQueue(WebSocket socket, GatewayOptions options, TimeProvider time, GridMetrics? metrics = null)
{
    private readonly Channel<Item> _items = Channel.CreateBounded<Item>(
        new BoundedChannelOptions(options.SendQueueMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait, AllowSynchronousContinuations = true });

    private long _bytes;

    /// <summary>Queues a message, and the binary ones that follow it.</summary>
    /// <returns>False when the queue is full or closed; the message will not be sent.</returns>
    public bool TrySend(NodeMessage message, params IReadOnlyList<byte[]> attached)
    {
        var item = new Item(JsonSerializer.SerializeToUtf8Bytes(message, GridJson.Wire), attached, null, null);
        if (Interlocked.Add(ref _bytes, item.Bytes) <= options.SendQueueBytesMax && _items.Writer.TryWrite(item))
        {
            metrics?.NodeMessage(MessageNames.Of(message), sent: true);
            return true;
        }

        Interlocked.Add(ref _bytes, -item.Bytes);
        return false;
    }

    /// <summary>Sends what waits and then the closing handshake; nothing more is queued.</summary>
    public QueueClosing Close(WebSocketCloseStatus status, string reason)
    {
        // A close frame carries 123 bytes of reason at most.
        var isQueued = _items.Writer.TryWrite(new Item(default, [], status, Texts.Shorten(reason, 100)));
        return !_items.Writer.TryComplete() ? QueueClosing.ClosedBefore : isQueued ? QueueClosing.Queued : QueueClosing.Full;
    }

    /// <summary>Sends until the queue is closed and empty.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">Sending one message took too long, or the session was aborted.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Nothing goes on in the caller's context: whoever queues a message may be a grain, whose context ends with it.
        using var slow = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, slow.Token);
        try
        {
            await foreach (var item in _items.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                slow.CancelAfter(options.SendTimeout);
                if (item.Status is { } status)
                {
                    await socket.CloseOutputAsync(status, item.Reason, either.Token).ConfigureAwait(false);
                    break;
                }

                await socket.SendAsync(item.Frame, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, either.Token).ConfigureAwait(false);
                foreach (var bytes in item.Attached)
                {
                    await socket.SendAsync(bytes.AsMemory(), WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, either.Token).ConfigureAwait(false);
                }

                Interlocked.Add(ref _bytes, -item.Bytes);
                slow.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
        finally
        {
            // What ends the session must not run in the midst of whoever queued a message.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
    }

    private readonly record struct Item(ReadOnlyMemory<byte> Frame, IReadOnlyList<byte[]> Attached, WebSocketCloseStatus? Status, string? Reason)
    {
        public long Bytes => Frame.Length + Attached.Sum(bytes => (long)bytes.Length);
    }
}
