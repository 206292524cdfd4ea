namespace Orleans.Embedded;

/// <summary>What references belong to: the silo, or a client in another process.</summary>
internal abstract partial class GrainRuntime : IDisposable
{
    /// <summary>The grain type of clients, whose keys are "client+observer".</summary>
    public static readonly GrainType ClientType = GrainType.Create("sys.client");

    private readonly ILogger _logger;

    protected GrainRuntime(IServiceProvider services, TimeSpan responseTimeout, ILogger logger)
    {
        Services = services;
        ResponseTimeout = responseTimeout;
        _logger = logger;
        Deadlines = new CallDeadlines(responseTimeout);
        Observers = new ObserverHost(this);
        Factory = new GrainFactory(this);
    }

    public IServiceProvider Services { get; }

    public TimeSpan ResponseTimeout { get; }

    public CallDeadlines Deadlines { get; }

    public ObserverHost Observers { get; }

    public GrainFactory Factory { get; }

    /// <summary>This client's name in the ids of its observers.</summary>
    public string ClientId { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Which grain type serves an interface, by the interface's name.</summary>
    public abstract FrozenDictionary<string, GrainTypeChoice> GrainTypes { get; }

    /// <summary>Brings a call to its target, or fails it; never throws.</summary>
    public abstract void Dispatch(Call call);

    public object Reference(GrainInterface grainInterface, GrainId id) => grainInterface.Reference(this, id);

    public virtual void Dispose() => Deadlines.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "One-way {Call} failed")]
    public partial void LogOneWayFailed(Exception failure, Call call);
}

/// <summary>The grain types that serve an interface: mostly one; a class name's prefix chooses among several.</summary>
internal sealed record GrainTypeChoice(IReadOnlyList<(string ClassName, GrainType Type)> Candidates)
{
    public GrainType Choose(string interfaceName, string? prefix)
    {
        var fitting = prefix is null ? Candidates
            : [.. Candidates.Where(candidate => candidate.ClassName.StartsWith(prefix, StringComparison.Ordinal))];
        return fitting.Count switch
        {
            1 => fitting[0].Type,
            0 => throw new ArgumentException($"Could not find an implementation for interface {interfaceName} with prefix {prefix}"),
            _ => throw new ArgumentException(
                $"Interface {interfaceName} is implemented by {string.Join(", ", fitting.Select(c => c.ClassName))}: name one by its prefix."),
        };
    }
}
