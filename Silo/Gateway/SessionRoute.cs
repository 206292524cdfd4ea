using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Grains.Nodes;
using PiGrid.Grains.Security;
using PiGrid.Grains.Telemetry;
using PiGrid.Protocol;
using PiGrid.Silo.Api;

namespace PiGrid.Silo.Gateway;

/// <summary><c>/node/session</c>: the WebSocket of a node, from its handshake to its end.</summary>
internal sealed partial class SessionRoute
{
    private readonly SessionServices _services;
    private readonly Handshake _handshake;
    private readonly SessionTable _sessions;
    private readonly NodeOptions _nodes;
    private readonly CancellationToken _stopping;
    private readonly ILogger _logger;
    private int _open;
    private int _unproven;

    /// <summary>The route.</summary>
    public SessionRoute(
        IGrainFactory grains,
        IGridSigner signer,
        SessionTable sessions,
        IOptions<GatewayOptions> options,
        IOptions<NodeOptions> nodes,
        GridMetrics metrics,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        ILogger<SessionRoute> logger)
    {
        _services = new SessionServices(grains, options.Value, metrics, time, logger);
        _handshake = new Handshake(grains, signer, options.Value);
        _sessions = sessions;
        _nodes = nodes.Value;
        _stopping = lifetime.ApplicationStopping;
        _stopping.Register(sessions.GoAway);
        _logger = logger;
    }

    /// <summary>Handles a connection; returns when it is over.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Answers.ErrorAsync(context, 426, "upgrade_required", "This is the nodes' WebSocket: connect to it with ws:// or wss://.");
            return;
        }

        var isRoom = Interlocked.Increment(ref _open) <= _services.Options.SessionsMax;
        try
        {
            if (!isRoom || _stopping.IsCancellationRequested)
            {
                context.Response.Headers.RetryAfter = "5";
                await Answers.ErrorAsync(context, 503, "busy", "The silo takes no more sessions now: connect again later.");
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await ServeAsync(socket);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task ServeAsync(WebSocket socket)
    {
        var frames = new FrameReader(socket);
        if (await ProveAsync(socket, frames) is not { } proven)
        {
            return;
        }

        using var session = new NodeSession(proven, socket, _nodes.Heartbeat * _nodes.HeartbeatsMissedMax, _services);
        var reference = _services.Grains.CreateObjectReference<INodeSession>(session);
        _sessions.Add(session);
        try
        {
            if (await ConnectAsync(socket, session, reference, proven) is not { Refused: null } outcome)
            {
                return;
            }

            Connected(proven.Node.Value, _sessions.Count);
            if (_stopping.IsCancellationRequested)
            {
                session.End(WebSocketCloseStatus.EndpointUnavailable, "the silo stops; connect again");
            }

            await session.RunAsync(Welcome(session, outcome), frames);
        }
        finally
        {
            _sessions.Remove(session);
            _services.Grains.DeleteObjectReference<INodeSession>(reference);
            // The engine holds observers weakly.
            GC.KeepAlive(session);
        }
    }

    private async Task<ConnectOutcome?> ConnectAsync(WebSocket socket, NodeSession session, INodeSession reference, ProvenNode proven)
    {
        ConnectOutcome? outcome = null;
        try
        {
            outcome = await _services.Grains.GetGrain<INodeGrain>(proven.Node.Value).Connect(new NodeConnection
            {
                Session = session.Id,
                Gateway = reference,
                Profile = proven.Proof.Profile,
                Heartbeat = proven.Proof.Heartbeat,
                Leases = proven.Proof.Leases,
            });
        }
#pragma warning disable CA1031 // Whatever the grain failed of, the node is told to come again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            NotConnected(e, proven.Node.Value);
        }

        if (outcome?.Refused is { } refused)
        {
            await RefuseAsync(socket, new HandshakeRefusal("refused", refused));
        }
        else if (outcome is null)
        {
            await RefuseAsync(socket, new HandshakeRefusal("unavailable", "The grid could not take the session: connect again later."));
        }

        return outcome;
    }

    private WelcomeMessage Welcome(NodeSession session, ConnectOutcome outcome) => new()
    {
        Session = session.Id,
        HeartbeatMs = (int)_nodes.Heartbeat.TotalMilliseconds,
        InlineOutputBytesMax = _nodes.InlineOutputBytesMax,
        Stop = outcome.Stop,
        ResendMs = (int)_nodes.ResultResendMax.TotalMilliseconds,
    };

    private async Task<ProvenNode?> ProveAsync(WebSocket socket, FrameReader frames)
    {
        var isRoom = Interlocked.Increment(ref _unproven) <= _services.Options.HandshakesMax;
        using var late = new CancellationTokenSource(_services.Options.HandshakeTimeout, _services.Time);
        try
        {
            var (node, refused) = isRoom
                ? await _handshake.RunAsync(socket, frames, late.Token)
                : (null, new HandshakeRefusal("busy", "Too many nodes connect at once: try again in a few seconds."));
            if (node is null)
            {
                await RefuseAsync(socket, refused);
            }

            return node;
        }
        catch (Exception e) when (BrokenSocket.Is(e))
        {
            HandshakeBroken(e.Message);
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _unproven);
        }
    }

    private async Task RefuseAsync(WebSocket socket, HandshakeRefusal? refused)
    {
        using var late = new CancellationTokenSource(_services.Options.CloseGrace, _services.Time);
        try
        {
            if (refused is not null)
            {
                HandshakeRefused(refused.Code);
                var frame = JsonSerializer.SerializeToUtf8Bytes<NodeMessage>(new ErrorMessage(refused.Code, refused.Message), GridJson.Wire);
                await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, late.Token);
            }

            await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, refused?.Code ?? "bye", late.Token);
        }
        catch (Exception e) when (BrokenSocket.Is(e))
        {
            HandshakeBroken(e.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Node {Node} connected; {Count} sessions are open")]
    private partial void Connected(string node, int count);

    [LoggerMessage(LogLevel.Error, "Node {Node} could not be connected")]
    private partial void NotConnected(Exception e, string node);

    [LoggerMessage(LogLevel.Warning, "A node's connection was refused: {Code}")]
    private partial void HandshakeRefused(string code);

    [LoggerMessage(LogLevel.Debug, "A node's connection broke before it was proven: {Reason}")]
    private partial void HandshakeBroken(string reason);
}
