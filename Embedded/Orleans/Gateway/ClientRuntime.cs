using Microsoft.Extensions.Hosting;

namespace Orleans.Embedded;

/// <summary>Where a client finds its silo.</summary>
internal sealed record GatewayClientOptions
{
    public string DataFolder { get; set; } = "";
}

/// <summary>
/// A client in another process than the silo. While the silo is away, calls fail at once and the client connects again under its
/// old name, so that its observers stay reachable.
/// </summary>
internal sealed partial class ClientRuntime(
    IServiceProvider services, IOptions<GatewayClientOptions> options, IOptions<ClientMessagingOptions> messaging,
    ILogger<ClientRuntime> logger)
    : GrainRuntime(services, messaging.Value.ResponseTimeout, logger), IHostedService
{
    private static readonly TimeSpan RetryMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stopping = new();
    private volatile GatewayConnection? _connection;
    private FrozenDictionary<string, GrainTypeChoice> _types = FrozenDictionary<string, GrainTypeChoice>.Empty;
    private Task _running = Task.CompletedTask;

    public override FrozenDictionary<string, GrainTypeChoice> GrainTypes => _types;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.DataFolder == "")
        {
            throw new OrleansConfigurationException(
                "The client has no gateway: call UseEmbeddedGateway with the silo's data folder. The embedded engine has no other clustering.");
        }
        ApplicationParts.Refresh();
        var first = await ConnectAsync(cancellationToken);
        _running = Task.Run(() => RunAsync(first), cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Deadlines.FailAll(call => new SiloUnavailableException($"The client stopped before an answer came: {call}."));
    }

    public override void Dispatch(Call call)
    {
        if (call.Target.Type == ClientType && ObserverHost.ClientOf(call.Target) == ClientId) { Observers.Deliver(call); }
        else if (_connection is { } connection) { connection.Send(call); }
        else { call.Fail(Unavailable(call.Target)); }
    }

    private SiloUnavailableException Unavailable(GrainId target) => new(
        $"The silo of the data folder {options.Value.DataFolder} is not connected, so {target} cannot be called or its answer was lost. "
        + "The client connects again by itself as soon as the silo runs.");

    private async Task<(FrameChannel, GatewayConnection)> ConnectAsync(CancellationToken cancellationToken)
    {
        var folder = options.Value.DataFolder;
        var address = GatewayAddress.Read(folder);
        var sizeMax = messaging.Value.MaxMessageBodySize;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        patience.CancelAfter(Handshake.Patience);
        var channel = new FrameChannel(await address.ConnectAsync(folder, patience.Token), sizeMax);
        try
        {
            await channel.WriteNowAsync(Handshake.Hello(address.Token, ClientId), patience.Token);
            if (!await channel.ReadAsync(body => _types = Handshake.ReadWelcome(new WireReader(body, this)), sizeMax, patience.Token))
            {
                throw new ConnectionFailedException($"The silo of the data folder {folder} closed the connection: it is stopping.");
            }
        }
        catch (Exception failure) when (failure is IOException or SerializerException or OperationCanceledException)
        {
            await channel.DisposeAsync();
            throw new ConnectionFailedException($"The silo of the data folder {folder} does not answer: {failure.Message}", failure);
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
        var connection = new GatewayConnection(channel, this, sizeMax, Unavailable, logger);
        _connection = connection;
        return (channel, connection);
    }

    private async Task RunAsync((FrameChannel Channel, GatewayConnection Connection) current)
    {
        while (true)
        {
            await using (current.Channel)
            {
                await current.Connection.RunAsync(_stopping.Token);
                _connection = null;
            }
            for (var wait = RetryMin; ; wait = wait * 2 < RetryMax ? wait * 2 : RetryMax)
            {
                await Task.Delay(wait, _stopping.Token);
                try
                {
                    current = await ConnectAsync(_stopping.Token);
                    break;
                }
                catch (ConnectionFailedException failure) { LogRetry(failure.Message); }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Not connected yet: {Reason}")]
    private partial void LogRetry(string reason);
}
