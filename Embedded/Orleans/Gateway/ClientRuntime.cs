using Microsoft.Extensions.Hosting;

namespace Orleans.Embedded;

/// <summary>A client in another process than the silo. While the silo is away, calls fail at once and the client connects again under its
/// old name, so that its observers stay reachable.</summary>
internal sealed partial class ClientRuntime(
    IServiceProvider services, IOptions<EmbeddedOptions> options, IOptions<ClientMessagingOptions> messaging,
    ILogger<ClientRuntime> logger) : GrainRuntime(services, messaging.Value.ResponseTimeout, logger), IHostedService {
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stopping = new();
    private volatile GatewayConnection? _connection;
    private Task _running = Task.CompletedTask;

    private string Folder => options.Value.DataFolder is { Length: > 0 } folder ? folder : throw new OrleansConfigurationException(
        "The client has no gateway: call UseEmbeddedGateway with the silo's data folder. The embedded engine has no other clustering.");

    public async Task StartAsync(CancellationToken cancellationToken) {
        ApplicationParts.Refresh();
        var first = await ConnectAsync(cancellationToken);
        _running = Task.Run(() => RunAsync(first), CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken) {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispatch(Call call) {
        if (call.Target.Type == ClientType && ObserverHost.Split(call.Target).Client == Observers.ClientId) { Observers.Deliver(call); }
        else if (_connection is { } connection) { connection.Send(call); }
        else { call.Fail(Unavailable(call.Target)); }
    }

    private SiloUnavailableException Unavailable(GrainId target) => new(
        $"The silo of the data folder {Folder} is not connected, so {target} cannot be called or its answer was lost. The client "
        + "connects again by itself as soon as the silo runs.");

    private async Task<GatewayConnection> ConnectAsync(CancellationToken cancellationToken) {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        patience.CancelAfter(Handshake.Patience);
        var sizeMax = messaging.Value.MaxMessageBodySize;
        var (stream, token) = await GatewayAddress.ConnectAsync(Folder, patience.Token);
        var channel = new FrameChannel(stream, sizeMax);
        try {
            channel.Send(Handshake.Hello(token, Observers.ClientId));
            if (!await channel.ReadAsync(body => GrainTypes = Handshake.ReadWelcome(new WireReader(body, this)), sizeMax, patience.Token)) {
                throw new EndOfStreamException("The connection was closed.");
            }
            return _connection = new GatewayConnection(channel, this, sizeMax, Unavailable, logger);
        }
        catch (Exception failure) {
            await channel.DisposeAsync();
            throw failure as ConnectionFailedException
                ?? new ConnectionFailedException($"The silo of the data folder {Folder} does not answer: {failure.Message}", failure);
        }
    }

    private async Task RunAsync(GatewayConnection connection) {
        while (true) {
            await connection.RunAsync(_stopping.Token);
            _connection = null;
            for (var wait = TimeSpan.FromMilliseconds(50); _connection is null; wait = wait * 2 < RetryMax ? wait * 2 : RetryMax) {
                await Task.Delay(wait, _stopping.Token);
                try { connection = await ConnectAsync(_stopping.Token); }
                catch (ConnectionFailedException failure) { LogRetry(failure.Message); }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Not connected yet: {Reason}")]
    private partial void LogRetry(string reason);
}
