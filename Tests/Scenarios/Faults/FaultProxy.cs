using System.Net;
using System.Net.Sockets;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>
/// One party's only way to the silo: a TCP proxy on this machine that delays, narrows, holds, duplicates and cuts. Its address stays while silos come
/// and go behind it.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly HashSet<ProxyConnection> _open = [];
    private readonly CancellationTokenSource _over = new();
    private readonly Action<string> _passed;
    private readonly Task _accepting;
    private TaskCompletionSource _changed = New();
    private volatile Weather _weather = Weather.Fair;
    private volatile IPEndPoint? _target;

    /// <summary>Starts listening.</summary>
    /// <param name="passed">Told the type of each protocol message that was delivered, from any thread.</param>
    public FaultProxy(Action<string> passed)
    {
        _passed = passed;
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Where the silo is; null while there is none, and then connections are refused.</summary>
    public IPEndPoint? Target
    {
        get => _target;
        set => _target = value;
    }

    /// <summary>What happens to the bytes.</summary>
    public Weather Weather
    {
        get => _weather;
        set
        {
            lock (_gate)
            {
                _weather = value;
                _changed.TrySetResult();
                _changed = New();
            }
        }
    }

    /// <summary>Ends every open connection.</summary>
    /// <param name="abruptly">With a reset instead of an end of the stream.</param>
    public void Cut(bool abruptly)
    {
        foreach (var connection in Open())
        {
            connection.Cut(abruptly);
        }
    }

    /// <summary>A connection delivered a message.</summary>
    public void Passed(string message) => _passed(message);

    /// <summary>Waits while the weather holds what flows in this direction.</summary>
    public async Task UntilPassableAsync(bool up, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (!_weather.Holds(up))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Cut(abruptly: true);
        _over.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private List<ProxyConnection> Open()
    {
        lock (_gate)
        {
            return [.. _open];
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_over.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The proxy ends.
        }
    }

    private async Task ServeAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (near)
        {
            try
            {
                await far.ConnectAsync(_target ?? throw new SocketException((int)SocketError.ConnectionRefused), _over.Token);
                (near.NoDelay, far.NoDelay) = (true, true);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                near.LingerState = new LingerOption(true, 0);
                return;
            }

            using var connection = new ProxyConnection(this, near, far);
            lock (_gate)
            {
                _open.Add(connection);
            }

            await connection.RunAsync();
            lock (_gate)
            {
                _open.Remove(connection);
            }
        }
    }
}
