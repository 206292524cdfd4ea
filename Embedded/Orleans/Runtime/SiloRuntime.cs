namespace Orleans.Embedded;

/// <summary>The one silo: which activations there are, and where calls go.</summary>
internal sealed partial class SiloRuntime : GrainRuntime
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly ILogger<SiloRuntime> _logger;
    private FrozenDictionary<GrainType, GrainClass> _classes = FrozenDictionary<GrainType, GrainClass>.Empty;
    private FrozenDictionary<string, GrainTypeChoice> _types = FrozenDictionary<string, GrainTypeChoice>.Empty;
    private ITimer? _collector;
    private volatile Phase _phase;

    public SiloRuntime(
        IServiceProvider services, TimeProvider time, IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection, ILogger<SiloRuntime> logger)
        : base(services, messaging.Value.ResponseTimeout, logger) =>
        (Time, Collection, _logger) = (time, collection.Value, logger);

    private enum Phase
    {
        Created,
        Running,
        Stopping,
        Stopped,
    }

    public TimeProvider Time { get; }

    public GrainCollectionOptions Collection { get; }

    /// <summary>Counts looks for idle activations: a cheap clock for when an activation was last used.</summary>
    public int CollectionTick { get; private set; }

    /// <summary>Clients in other processes, by client id.</summary>
    public ConcurrentDictionary<string, Action<Call>> Clients { get; } = new();

    public int ActivationCount => _activations.Count;

    public override FrozenDictionary<string, GrainTypeChoice> GrainTypes => _types;

    public void Start()
    {
        foreach (var (name, age) in Collection.ClassSpecificCollectionAge.Append(new("CollectionAge", Collection.CollectionAge)))
        {
            if (age <= Collection.CollectionQuantum)
            {
                throw new OrleansConfigurationException(
                    $"{nameof(GrainCollectionOptions)}: {name} is {age}, and must be greater than the CollectionQuantum of {Collection.CollectionQuantum}.");
            }
        }
        var classes = ApplicationParts.Refresh().GrainClasses.Select(type => new GrainClass(type, Collection)).ToList();
        var clash = classes.GroupBy(c => c.GrainType).FirstOrDefault(group => group.Count() > 1);
        _classes = clash is null ? classes.ToFrozenDictionary(c => c.GrainType) : throw new OrleansConfigurationException(
            $"The grain type \"{clash.Key}\" is claimed by {string.Join(" and ", clash.Select(c => c.Type))}: give one of them [GrainType].");
        _types = classes.SelectMany(c => c.Interfaces.Select(i => (GrainInterface.Get(i).Name, Candidate: (c.Type.FullName!, c.GrainType))))
            .GroupBy(pair => pair.Name)
            .ToFrozenDictionary(group => group.Key, group => new GrainTypeChoice([.. group.Select(pair => pair.Candidate)]));
        _collector = Time.CreateTimer(_ => Collect(), null, Collection.CollectionQuantum, Collection.CollectionQuantum);
        _phase = Phase.Running;
    }

    /// <summary>Deactivates everything, for as long as the token allows.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _phase = Phase.Stopping;
        _collector?.Dispose();
        var ending = _activations.Values.ToList();
        foreach (var activation in ending)
        {
            activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo is shutting down."), cancellationToken);
        }
        try
        {
            await Task.WhenAll(ending.Select(activation => activation.Deactivated))
                .WaitAsync(Collection.DeactivationTimeout, cancellationToken);
        }
        catch (Exception failure) when (failure is TimeoutException or OperationCanceledException)
        {
            LogStopIncomplete(_activations.Count);
        }
        _phase = Phase.Stopped;
        Deadlines.FailAll(call => new SiloUnavailableException($"The silo stopped before it answered: {call}."));
    }

    public override void Dispatch(Call call)
    {
        if (_phase is Phase.Created or Phase.Stopped)
        {
            call.Fail(new SiloUnavailableException($"The silo is not running, so this was not delivered: {call}."));
        }
        else if (call.Target.Type == ClientType) { DispatchToClient(call); }
        else { DispatchToGrain(call); }
    }

    public void Remove(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    private void DispatchToClient(Call call)
    {
        var client = ObserverHost.ClientOf(call.Target);
        if (client == ClientId) { Observers.Deliver(call); }
        else if (Clients.TryGetValue(client, out var send)) { send(call); }
        else { call.Fail(new ClientNotAvailableException(call.Target)); }
    }

    private void DispatchToGrain(Call call)
    {
        while (true)
        {
            if (!_activations.TryGetValue(call.Target, out var activation))
            {
                if (!_classes.TryGetValue(call.Target.Type, out var grainClass))
                {
                    call.Fail(new ArgumentException($"There is no grain class of the type \"{call.Target.Type}\"."));
                    return;
                }
                if (_phase != Phase.Running)
                {
                    call.Fail(new SiloUnavailableException($"The silo is stopping, so this was not delivered: {call}."));
                    return;
                }
                var fresh = new Activation(this, grainClass, call.Target);
                activation = _activations.GetOrAdd(call.Target, fresh);
                if (ReferenceEquals(activation, fresh)) { activation.Activate(); }
            }
            if (activation.Receive(call)) { return; }
            Remove(activation);
        }
    }

    private void Collect()
    {
        CollectionTick++;
        foreach (var (_, activation) in _activations) { activation.CollectIfIdle(CollectionTick, Collection.CollectionQuantum); }
    }
}
