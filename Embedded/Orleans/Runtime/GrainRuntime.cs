namespace Orleans.Embedded;

/// <summary>What references belong to: the silo, or a client in another process.</summary>
internal abstract partial class GrainRuntime {
    /// <summary>The grain type of clients, whose keys are "client+observer".</summary>
    public static readonly GrainType ClientType = GrainType.Create("sys.client");

    private readonly ILogger _logger;

    protected GrainRuntime(IServiceProvider services, TimeSpan responseTimeout, ILogger logger) {
        (Services, ResponseTimeout, _logger) = (services, responseTimeout, logger);
        (Observers, Factory) = (new ObserverHost(this), new GrainFactory(this));
    }

    public IServiceProvider Services { get; }

    public TimeSpan ResponseTimeout { get; }

    public ObserverHost Observers { get; }

    public GrainFactory Factory { get; }

    /// <summary>Which grain classes and types serve an interface, by the interface's name.</summary>
    public FrozenDictionary<string, (string Class, GrainType Type)[]> GrainTypes { get; protected set; } =
        FrozenDictionary<string, (string, GrainType)[]>.Empty;

    public abstract void Dispatch(Call call);

    [LoggerMessage(Level = LogLevel.Warning, Message = "One-way {Call} failed")]
    public partial void LogOneWayFailed(Exception failure, Call call);
}
