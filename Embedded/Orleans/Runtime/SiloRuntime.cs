namespace Orleans.Embedded;

/// <summary>The one silo: which activations there are, and where calls go.</summary>
internal sealed partial class SiloRuntime(
    IServiceProvider services, TimeProvider time, IOptions<SiloMessagingOptions> messaging, IOptions<GrainCollectionOptions> collection,
    ILogger<SiloRuntime> logger) : GrainRuntime(services, messaging.Value.ResponseTimeout, logger) {
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private FrozenDictionary<GrainType, GrainClass> _classes = FrozenDictionary<GrainType, GrainClass>.Empty;
    private ITimer? _collector;
    private volatile Phase _phase;

    private enum Phase { Created, Running, Stopping, Stopped }

    public TimeProvider Time => time;

    public GrainCollectionOptions Collection => collection.Value;

    /// <summary>Counts looks for idle activations: a cheap clock for when an activation was last used.</summary>
    public int CollectionTick { get; private set; }

    public ConcurrentDictionary<string, GatewayConnection> Clients { get; } = new();

    public void Start() {
        foreach (var (name, age) in Collection.ClassSpecificCollectionAge.Append(new("CollectionAge", Collection.CollectionAge))) {
            if (age <= Collection.CollectionQuantum) {
                throw new OrleansConfigurationException($"{nameof(GrainCollectionOptions)}: {name} is {age}, and must be greater than "
                    + $"the CollectionQuantum of {Collection.CollectionQuantum}.");
            }
        }
        var classes = ApplicationParts.Refresh().GrainClasses.Select(type => new GrainClass(type, Collection)).ToList();
        var clash = classes.GroupBy(c => c.GrainType).FirstOrDefault(group => group.Count() > 1);
        _classes = clash is null ? classes.ToFrozenDictionary(c => c.GrainType) : throw new OrleansConfigurationException(
            $"The grain type \"{clash.Key}\" is claimed by {string.Join(" and ", clash.Select(c => c.Type))}: give one of them [GrainType].");
        GrainTypes = classes.SelectMany(c => c.Interfaces.Select(i => (i.Name, Choice: (c.Type.FullName!, c.GrainType))))
            .GroupBy(pair => pair.Name).ToFrozenDictionary(group => group.Key, group => group.Select(pair => pair.Choice).ToArray());
        _collector = Time.CreateTimer(_ => Collect(), null, Collection.CollectionQuantum, Collection.CollectionQuantum);
        _phase = Phase.Running;
    }

    public async Task StopAsync(CancellationToken cancellationToken) {
        _phase = Phase.Stopping;
        _collector?.Dispose();
        var ending = _activations.Values.ToList();
        ending.ForEach(activation => activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo is shutting down.")));
        try {
            await Task.WhenAll(ending.Select(activation => activation.Deactivated))
                .WaitAsync(Collection.DeactivationTimeout, cancellationToken);
        }
        catch (Exception failure) when (failure is TimeoutException or OperationCanceledException) {
            LogStopIncomplete(_activations.Count);
        }
        _phase = Phase.Stopped;
    }

    public override void Dispatch(Call call) {
        if (_phase is Phase.Created or Phase.Stopped) {
            call.Fail(new SiloUnavailableException($"The silo is not running, so this was not delivered: {call}."));
        }
        else if (call.Target.Type == ClientType) {
            var client = ObserverHost.Split(call.Target).Client;
            if (client == Observers.ClientId) { Observers.Deliver(call); }
            else if (Clients.TryGetValue(client, out var connection)) { connection.Send(call); }
            else { call.Fail(new ClientNotAvailableException(call.Target)); }
        }
        else if (!_classes.TryGetValue(call.Target.Type, out var grainClass)) {
            call.Fail(new ArgumentException($"There is no grain class of the type \"{call.Target.Type}\"."));
        }
        else {
            while (ActivationOf(call, grainClass) is { } activation && !activation.Receive(call)) { Remove(activation); }
        }
    }

    public void Remove(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    private Activation? ActivationOf(Call call, GrainClass grainClass) {
        if (_activations.TryGetValue(call.Target, out var known)) { return known; }
        if (_phase != Phase.Running) {
            call.Fail(new SiloUnavailableException($"The silo is stopping, so this was not delivered: {call}."));
            return null;
        }
        var fresh = new Activation(this, grainClass, call.Target);
        var activation = _activations.GetOrAdd(call.Target, fresh);
        if (activation == fresh) { activation.Post(static self => self.ActivateAsync()); }
        return activation;
    }

    private void Collect() {
        CollectionTick++;
        foreach (var (_, activation) in _activations) { activation.CollectIfIdle(CollectionTick, Collection.CollectionQuantum); }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain}: {Doing} failed")]
    public partial void LogLifeFailed(Exception failure, GrainId grain, string doing);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} activations did not deactivate in time")]
    private partial void LogStopIncomplete(int count);
}
