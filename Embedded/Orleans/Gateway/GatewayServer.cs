namespace Orleans.Embedded;

/// <summary>The silo's end: locks the data folder, and lets the user's other processes in.</summary>
internal sealed partial class GatewayServer(
    SiloRuntime silo, IOptions<EmbeddedOptions> options, IOptions<SiloMessagingOptions> messaging, ILogger<GatewayServer> logger)
    : ISiloPart, IDisposable
{
    private const int ConnectionsMax = 1_000;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private DataFolderLock? _lock;
    private Socket? _listener;
    private GatewayAddress? _address;
    private Task _accepting = Task.CompletedTask;

    public void Prepare()
    {
        if (string.IsNullOrWhiteSpace(options.Value.DataFolder))
        {
            throw new OrleansConfigurationException($"{nameof(EmbeddedOptions)}.{nameof(EmbeddedOptions.DataFolder)} must be set.");
        }
        _lock = DataFolderLock.Take(options.Value.DataFolder);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.EnableGateway)
        {
            (_listener, _address) = GatewayAddress.Open(options.Value);
            _accepting = AcceptAsync(_listener);
            LogOpened(_address);
        }
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        _listener?.Dispose();
        _address?.Remove(options.Value.DataFolder);
        await _accepting;
        await Task.WhenAll(_connections.Keys);
    }

    /// <summary>Lets the folder go: last of all, after grains wrote their state.</summary>
    public void Dispose() => _lock?.Dispose();

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stopping.Token);
                if (_connections.Count >= ConnectionsMax)
                {
                    socket.Dispose();
                    continue;
                }
                var connection = Task.Run(() => ServeAsync(new NetworkStream(socket, ownsSocket: true)));
                _connections[connection] = true;
                _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                if (!_stopping.IsCancellationRequested)
                {
                    LogRefused(failure.Message);
                    await Task.Delay(TimeSpan.FromMilliseconds(100));
                }
            }
        }
    }

    private async Task ServeAsync(Stream stream)
    {
        var sizeMax = messaging.Value.MaxMessageBodySize;
        await using var channel = new FrameChannel(stream, sizeMax);
        try
        {
            if (await GreetAsync(channel) is { } client)
            {
                var connection = new GatewayConnection(channel, silo, sizeMax, id => new ClientNotAvailableException(id), logger);
                Action<Call> send = connection.Send;
                silo.Clients[client] = send;
                channel.Send(Handshake.Welcome(silo.GrainTypes));
                await connection.RunAsync(_stopping.Token);
                silo.Clients.TryRemove(new(client, send));
            }
        }
        catch (Exception failure) { LogRefused(failure.Message); }
    }

    private async Task<string?> GreetAsync(FrameChannel channel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(Handshake.Patience);
        (string? ClientId, string? Refusal) hello = default;
        var any = await channel.ReadAsync(
            body => hello = Handshake.ReadHello(new WireReader(body, silo), _address!.Token), Handshake.HelloSizeMax, patience.Token);
        if (any && hello.Refusal is { } refusal)
        {
            LogRefused(refusal);
            await channel.WriteNowAsync(Handshake.Refused(refusal), patience.Token);
        }
        return hello.ClientId;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The gateway listens at {Address}")]
    private partial void LogOpened(GatewayAddress address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A gateway connection was refused: {Reason}")]
    private partial void LogRefused(string reason);
}
