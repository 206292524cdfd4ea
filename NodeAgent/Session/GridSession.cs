using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Work;
using PiGrid.NodeAgent.Workers;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Session;

/// <summary>One open connection: reads what the grid sends, beats, and ends when either fails or the agent leaves.</summary>
internal sealed partial class GridSession(
    Outbox outbox, LeaseDesk desk, ResultSender sender, ModelProver prover, AgentStanding standing, BlobCache cache, WorkerPool workers, TimeProvider time,
    ILogger logger)
{
    private const int BadMessagesMax = 3;

    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> _beat = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private TimeSpan _heartbeat;
    private SessionEnd? _end;

    /// <summary>Serves an open session until it ends.</summary>
    /// <param name="socket">The socket, after the handshake.</param>
    /// <param name="frames">Its reader.</param>
    /// <param name="welcome">The grid's welcome.</param>
    /// <param name="early">What the grid sent before it.</param>
    /// <param name="leave">Says goodbye.</param>
    public async Task<SessionEnd> RunAsync(
        WebSocket socket, FrameReader frames, WelcomeMessage welcome, IReadOnlyList<NodeMessage> early, CancellationToken leave)
    {
        using var over = new CancellationTokenSource();
        using var left = leave.UnsafeRegister(_ => Leave(over), null);
        SetHeartbeat(welcome.HeartbeatMs);
        Opened(welcome.Session, welcome.HeartbeatMs);
        var sending = outbox.RunAsync(socket, welcome, () => Begin(welcome, early), over.Token);
        var beating = BeatAsync(over.Token);
        var reading = ReadAsync(socket, frames, over.Token);
        try
        {
            await await Task.WhenAny(sending, beating, reading);
        }
        catch (Exception e) when (BrokenSocket.Is(e))
        {
            End(SessionEndKind.Lost, e.Message);
        }

        if (_end?.Kind == SessionEndKind.Goodbye)
        {
            await FinishAsync(sending, reading);
        }

        await over.CancelAsync();
        socket.Abort();
        await Task.WhenAll(Quietly(sending), Quietly(beating), Quietly(reading));
        sender.Keep();
        return _end ?? new(SessionEndKind.Lost, "the grid closed the connection", WasOpen: true);
    }

    /// <summary>Beats now, because something changed that the grid should know.</summary>
    public void BeatNow() => _beat.Writer.TryWrite(true);

    private void Begin(WelcomeMessage welcome, IReadOnlyList<NodeMessage> early)
    {
        foreach (var lease in welcome.Stop)
        {
            desk.Cancel(lease, "the grid does not wait for it any more");
        }

        sender.SendAll();
        foreach (var message in early)
        {
            Handle(message);
        }
    }

    private async Task ReadAsync(WebSocket socket, FrameReader frames, CancellationToken cancellationToken)
    {
        var bad = 0;
        while (true)
        {
            var (kind, bytes) = await frames.ReadAsync(cancellationToken);
            switch (kind)
            {
                case FrameKind.Closed:
                    End(SessionEndKind.Lost, $"the grid closed the connection: {socket.CloseStatusDescription ?? socket.CloseStatus?.ToString()}");
                    return;
                case FrameKind.TooLarge:
                    End(SessionEndKind.Lost, $"the grid sent a message of more than {NodeProtocol.FrameBytesMax} bytes");
                    await CloseAsync(socket, WebSocketCloseStatus.MessageTooBig, "message too large");
                    return;
                case FrameKind.Text when await ReadAsync(bytes, frames, cancellationToken):
                    break;
                case FrameKind.Text or FrameKind.Binary:
                    if (++bad > BadMessagesMax)
                    {
                        End(SessionEndKind.Lost, "the grid sent too many messages that cannot be read");
                        await CloseAsync(socket, WebSocketCloseStatus.ProtocolError, "too many malformed messages");
                        return;
                    }

                    break;
            }
        }
    }

    // False for what is no message.
    private async ValueTask<bool> ReadAsync(ReadOnlyMemory<byte> bytes, FrameReader frames, CancellationToken cancellationToken)
    {
        try
        {
            if (NodeMessages.Read(bytes, out var unknown) is not { } message)
            {
                Unknown(unknown!);
                return true;
            }

            if (await Attachments.TakeAsync(message, frames, cancellationToken) is not { } whole)
            {
                Malformed("attached", "what follows an assignment was not what it said");
                return false;
            }

            Handle(whole);
            return true;
        }
        catch (JsonException e)
        {
            Malformed(e.Path ?? "$", e.Message);
            return false;
        }
    }

    private void Handle(NodeMessage message)
    {
        switch (message)
        {
            case AssignMessage assign:
                desk.Take(assign.Assignment);
                break;
            case CancelMessage cancel:
                desk.Cancel(cancel.Lease, cancel.Reason);
                break;
            case RenewMessage renew:
                desk.Renew(renew.Lease);
                break;
            case VerdictMessage verdict:
                desk.Judge(verdict);
                break;
            case ModelChallengeMessage { Challenge: var challenge }:
                prover.Answer(challenge);
                break;
            case ConfigMessage config:
                SetHeartbeat(config.HeartbeatMs);
                standing.DrainedByGrid = config.Drain;
                BeatNow();
                break;
            case ErrorMessage error:
                Refused(error.Code, error.Message);
                break;
            default:
                Unknown(message.GetType().Name);
                break;
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Sha256> told = cache.Digests;
        while (true)
        {
            var (wall, waited) = (time.GetUtcNow(), _heartbeat);
            using var due = new CancellationTokenSource(waited, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellationToken);
            try
            {
                await _beat.Reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It is time.
            }

            if (SleepRules.Slept(time.GetUtcNow() - wall, waited))
            {
                End(SessionEndKind.Again, "the machine slept");
                return;
            }

            if (standing.Look(workers.ProcessIds))
            {
                End(SessionEndKind.Again, "the preferences changed");
                return;
            }

            var models = cache.Digests;
            var changed = !models.ToHashSet().SetEquals(told);
            outbox.TrySend(new HeartbeatMessage(standing.Heartbeat(desk.Progress, changed ? models : null)));
            told = models;
            sender.SendDue();
        }
    }

    // The farewell is the last thing that goes out; the grid then closes.
    private void Leave(CancellationTokenSource over)
    {
        End(SessionEndKind.Goodbye, "the agent stops");
        if (!outbox.TrySend(new GoodbyeMessage("the volunteer stopped the agent")))
        {
            over.Cancel();
        }

        outbox.Close();
    }

    private async Task FinishAsync(Task sending, Task reading)
    {
        try
        {
            await Task.WhenAll(sending, reading).WaitAsync(CloseGrace, time);
        }
        catch (Exception e) when (e is TimeoutException || BrokenSocket.Is(e))
        {
            // It has been said; the grid need not answer.
        }
    }

    private async Task CloseAsync(WebSocket socket, WebSocketCloseStatus status, string reason)
    {
        using var late = new CancellationTokenSource(CloseGrace, time);
        try
        {
            await socket.CloseOutputAsync(status, reason, late.Token);
        }
        catch (Exception e) when (e is InvalidOperationException || BrokenSocket.Is(e))
        {
            // The connection is given up either way.
        }
    }

    private void End(SessionEndKind kind, string reason) => _end ??= new(kind, reason, WasOpen: true);

    private void SetHeartbeat(int milliseconds) => _heartbeat = TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 50, 3_600_000));

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (BrokenSocket.Is(e))
        {
            // The session is over.
        }
    }

    [LoggerMessage(10, LogLevel.Information, "Session {Session} is open, a heartbeat every {HeartbeatMs} ms")]
    private partial void Opened(Guid session, int heartbeatMs);

    [LoggerMessage(11, LogLevel.Warning, "The grid sent a message of unknown type '{Type}', which is ignored")]
    private partial void Unknown(string type);

    [LoggerMessage(12, LogLevel.Warning, "The grid sent a malformed message, which is ignored: {Path}: {Problem}")]
    private partial void Malformed(string path, string problem);

    [LoggerMessage(13, LogLevel.Warning, "The grid refused something: {Problem} ({Code})")]
    private partial void Refused(string code, string problem);
}
