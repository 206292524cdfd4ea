using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using PiGrid.NodeAgent.Identity;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Session;

/// <summary>Keeps the node connected: opens sessions one after another, waiting longer after each failure.</summary>
internal sealed partial class GridLink(
    GridAddress address, Handshake handshake, Func<GridSession> newSession, Func<CancellationToken, Task> enrolAgain, BackOff backOff, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan HandshakeMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile GridSession? _session;

    /// <summary>Ends when the first session is open.</summary>
    public Task Connected => _connected.Task;

    /// <summary>Beats now, if a session is open.</summary>
    public void BeatNow() => _session?.BeatNow();

    /// <summary>Connects and stays connected until told to leave.</summary>
    /// <exception cref="AgentException">The grid will never take this node.</exception>
    public async Task RunAsync(CancellationToken leave)
    {
        var failures = 0;
        while (!leave.IsCancellationRequested)
        {
            var end = await ConnectAsync(leave);
            if (end.Kind == SessionEndKind.Goodbye || leave.IsCancellationRequested)
            {
                Left();
                return;
            }

            Ended(end.Reason);
            if (end.Kind == SessionEndKind.NotEnrolled)
            {
                await EnrolAsync(leave);
            }

            failures = end.WasOpen ? 1 : failures + 1;
            if (end.Kind != SessionEndKind.Again)
            {
                await WaitAsync(failures, leave);
            }
        }
    }

    private async Task<SessionEnd> ConnectAsync(CancellationToken leave)
    {
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = KeepAlive;
        socket.Options.KeepAliveTimeout = KeepAlive;
        if (address.IsLoopback)
        {
            socket.Options.Proxy = null;
        }

        try
        {
            var frames = new FrameReader(socket);
            using var late = new CancellationTokenSource(HandshakeMax, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(leave, late.Token);
            await socket.ConnectAsync(address.Session, either.Token);
            var (welcome, early, refused) = await handshake.RunAsync(socket, frames, either.Token);
            if (refused is not null)
            {
                return refused;
            }

            var session = newSession();
            _session = session;
            _connected.TrySetResult();
            return await session.RunAsync(socket, frames, welcome!, early, leave);
        }
        catch (OperationCanceledException)
        {
            return new(SessionEndKind.Lost, leave.IsCancellationRequested ? "the agent stops" : "the grid did not answer in time", WasOpen: false);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or JsonException || BrokenSocket.Is(e))
        {
            return new(SessionEndKind.Lost, e is JsonException ? $"the grid broke the protocol: {e.Message}" : e.Message, WasOpen: false);
        }
        finally
        {
            _session = null;
        }
    }

    private async Task EnrolAsync(CancellationToken leave)
    {
        try
        {
            await enrolAgain(leave);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            Ended(e.Message);
        }
    }

    private async Task WaitAsync(int failures, CancellationToken leave)
    {
        var wait = backOff.After(failures, Random.Shared.NextDouble());
        Waiting(wait.TotalSeconds);
        try
        {
            await Task.Delay(wait, time, leave);
        }
        catch (OperationCanceledException)
        {
            // The agent stops.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Not connected: {Reason}")]
    private partial void Ended(string reason);

    [LoggerMessage(3, LogLevel.Information, "Has left the grid")]
    private partial void Left();

    [LoggerMessage(2, LogLevel.Information, "Connects again in {Seconds:0.0} s")]
    private partial void Waiting(double seconds);
}
