using System.Net.WebSockets;
using PiGrid.Grains.Telemetry;
using PiGrid.Protocol;
using PiGrid.Silo.Telemetry;

namespace PiGrid.Silo.Gateway;

/// <summary>
/// One node's open connection: what the node's grain pushes goes out, what the node sends goes to its grain. The newest session of a node wins, which
/// the grain decides; a session only knows its own socket.
/// </summary>
internal sealed partial class NodeSession : INodeSession, IDisposable
{
    private readonly GatewayOptions _options;
    private readonly WebSocket _socket;
    private readonly SendQueue _queue;
    private readonly INodeGrain _node;
    private readonly GridMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly TimeSpan _silenceMax;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _aborted;
    private readonly bool _attaches;
    private readonly ITimer _silence;
    private int _badMessages;
    private string _ended = "the connection was lost";
    private bool _endedBySilo;

    /// <summary>A session over a proven socket; it is silent until it is run.</summary>
    public NodeSession(ProvenNode node, WebSocket socket, TimeSpan silenceMax, SessionServices services)
    {
        (Node, _attaches) = (node.Node, node.Proof.Profile.Attachments);
        _options = services.Options;
        _socket = socket;
        _queue = new SendQueue(socket, services.Options, services.Time, services.Metrics);
        _metrics = services.Metrics;
        _node = services.Grains.GetGrain<INodeGrain>(Node.Value);
        _time = services.Time;
        _silenceMax = silenceMax;
        _logger = services.Logger;
        _aborted = new CancellationTokenSource(Timeout.InfiniteTimeSpan, services.Time);
        _silence = services.Time.CreateTimer(static s => ((NodeSession)s!).OnSilence(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The session's id.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The node.</summary>
    public NodeId Node { get; }

    /// <inheritdoc/>
    public Task Push(NodeMessage message)
    {
        var (sent, attached) = _attaches ? Attachments.Detach(message) : (message, []);
        if (_queue.TrySend(sent, attached))
        {
            return Task.CompletedTask;
        }

        Abort("the node reads too slowly or is gone");
        throw new IOException($"The session of {Node} is closed: {_ended}.");
    }

    /// <inheritdoc/>
    public Task Close(string reason)
    {
        End(WebSocketCloseStatus.PolicyViolation, reason);
        return Task.CompletedTask;
    }

    /// <summary>Sends what waits, says why, and closes; cuts the connection off when the node does not answer in time.</summary>
    public void End(WebSocketCloseStatus status, string reason)
    {
        switch (_queue.Close(status, reason))
        {
            case QueueClosing.Queued:
                _ended = reason;
                _endedBySilo = status == WebSocketCloseStatus.EndpointUnavailable;
                _aborted.CancelAfter(_options.CloseGrace);
                break;
            case QueueClosing.Full:
                _ended = reason;
                _ = _aborted.CancelAsync();
                break;
            case QueueClosing.ClosedBefore:
                break;
        }
    }

    /// <summary>Sends the welcome, then serves the socket until it is closed; tells the node's grain when it is.</summary>
    public async Task RunAsync(WelcomeMessage welcome, FrameReader frames)
    {
        // First of all, whatever the grain has pushed meanwhile.
        var bytes = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes<NodeMessage>(welcome, GridJson.Wire);
        Task? sending = null;
        try
        {
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, _aborted.Token);
            sending = _queue.RunAsync(_aborted.Token);
            _ = AbortWhenBrokenAsync(sending);
            await ReceiveAsync(frames);
        }
        catch (Exception e) when (BrokenSocket.Is(e))
        {
            Broken(Node.Value, e.Message);
        }

        await FinishAsync(sending);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _silence.Dispose();
        _aborted.Dispose();
    }

    private async Task ReceiveAsync(FrameReader frames)
    {
        while (true)
        {
            _silence.Change(_silenceMax, Timeout.InfiniteTimeSpan);
            var (kind, bytes) = await frames.ReadAsync(_aborted.Token);
            _silence.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            switch (kind)
            {
                case FrameKind.Closed:
                    return;
                case FrameKind.TooLarge:
                    _queue.TrySend(new ErrorMessage("too_large", $"A message has at most {NodeProtocol.FrameBytesMax} bytes; larger outputs are uploaded."));
                    End(WebSocketCloseStatus.MessageTooBig, "a message was too large");
                    // Closing on unread bytes would reset the connection before the node has read why.
                    await frames.DrainAsync(_aborted.Token);
                    return;
                case FrameKind.Binary:
                    Refuse(AgentMessages.Malformed("messages are text"));
                    break;
                case FrameKind.Text:
                    var (message, error) = AgentMessages.Read(bytes.Span);
                    if (message is null)
                    {
                        Refuse(error!);
                    }
                    else
                    {
                        _metrics.NodeMessage(MessageNames.Of(message), sent: false);
                        await RouteAsync(message);
                    }

                    break;
            }
        }
    }

    private void Refuse(ErrorMessage error)
    {
        Refused(Node.Value, error.Code);
        _queue.TrySend(error);
        if (++_badMessages > _options.BadMessagesMax)
        {
            End(WebSocketCloseStatus.ProtocolError, "too many messages that cannot be read");
        }
    }

    private void OnSilence() => End(WebSocketCloseStatus.PolicyViolation, $"no message for {_silenceMax.TotalSeconds:0.#} s");

    private void Abort(string reason)
    {
        if (_queue.Close(WebSocketCloseStatus.PolicyViolation, reason) != QueueClosing.ClosedBefore)
        {
            _ended = reason;
            _ = _aborted.CancelAsync();
        }
    }

    private async Task AbortWhenBrokenAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (Exception e) when (BrokenSocket.Is(e))
        {
            Abort("sending failed");
        }
    }

    private async Task FinishAsync(Task? sending)
    {
        End(WebSocketCloseStatus.NormalClosure, "the node closed the connection");
        try
        {
            await (sending ?? Task.CompletedTask).WaitAsync(_options.CloseGrace, _time);
        }
        catch (Exception e) when (e is TimeoutException || BrokenSocket.Is(e))
        {
            _socket.Abort();
        }

        Ended(Node.Value, _ended);
        try
        {
            // Waited for: until the grain knows, it pushes into this session, and an observer that is gone would leave it waiting for an answer.
            await _node.Disconnect(Id, _ended, _endedBySilo);
        }
        catch (Exception e) when (e is TimeoutException or Orleans.Runtime.OrleansException)
        {
            NotRouted(e, Node.Value, "its end");
        }
    }
}
