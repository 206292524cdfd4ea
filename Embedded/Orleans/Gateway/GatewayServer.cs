namespace Orleans.Embedded;

/// <summary>The silo's end: locks the data folder, and lets the user's other processes in.</summary>
internal sealed partial class GatewayServer(
    SiloRuntime silo, IOptions<EmbeddedOptions> options, IOptions<SiloMessagingOptions> messaging, ILogger<GatewayServer> logger)
    : ISiloPart, IDisposable {
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly SemaphoreSlim _free = new(1_000);
    private IDisposable? _lock;
    private Socket? _listener;
    private GatewayAddress? _address;

    public void Prepare() => _lock = DataFolderLock.Take(options.Value.DataFolder is { Length: > 0 } folder ? folder
        : throw new OrleansConfigurationException($"{nameof(EmbeddedOptions)}.{nameof(EmbeddedOptions.DataFolder)} must be set."));

    public Task StartAsync(CancellationToken cancellationToken) {
        if (options.Value.EnableGateway) {
            (_listener, _address) = GatewayAddress.Open(options.Value);
            _connections[AcceptAsync(_listener)] = true;
        }
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) {
        await _stopping.CancelAsync();
        _listener?.Dispose();
        _address?.Remove(options.Value.DataFolder);
        await Task.WhenAll(_connections.Keys);
    }

    /// <summary>Lets the folder go: last of all, after grains wrote their state.</summary>
    public void Dispose() => _lock?.Dispose();

    private async Task AcceptAsync(Socket listener) {
        while (!_stopping.IsCancellationRequested) {
            try {
                await _free.WaitAsync(_stopping.Token);
                var socket = await listener.AcceptAsync(_stopping.Token);
                var connection = Task.Run(() => ServeAsync(new NetworkStream(socket, ownsSocket: true)));
                _connections[connection] = true;
                _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException) {
                _free.Release();
            }
        }
    }

    private async Task ServeAsync(Stream stream) {
        var sizeMax = messaging.Value.MaxMessageBodySize;
        await using var channel = new FrameChannel(stream, sizeMax);
        try {
            var (client, refusal) = await GreetAsync(channel);
            var connection = new GatewayConnection(channel, silo, sizeMax, id => new ClientNotAvailableException(id), logger);
            if (client is not null) { silo.Clients[client] = connection; }
            channel.Send(Handshake.Welcome(refusal, silo.GrainTypes));
            if (client is not null) {
                await connection.RunAsync(_stopping.Token);
                silo.Clients.TryRemove(new(client, connection));
            }
        }
        catch (Exception failure) { LogRefused(failure.Message); }
        _free.Release();
    }

    private async Task<(string? ClientId, string? Refusal)> GreetAsync(FrameChannel channel) {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(Handshake.Patience);
        (string?, string?) hello = (null, "no hello came.");
        await channel.ReadAsync(
            body => hello = Handshake.ReadHello(new WireReader(body, silo), _address!.Token), Handshake.HelloSizeMax, patience.Token);
        return hello;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A gateway connection was refused: {Reason}")]
    private partial void LogRefused(string reason);
}
