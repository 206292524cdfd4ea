namespace Orleans.Embedded;

/// <summary>A piece of state that is read while its grain activates.</summary>
internal interface IStateToLoad
{
    Task LoadAsync(CancellationToken cancellationToken);
}

/// <summary>Makes the pieces of state that a grain class names.</summary>
internal static class StateBridge
{
    public static Func<Activation, object?> Factory(Type state, PersistentStateAttribute named) =>
        (Func<Activation, object?>)typeof(StateBridge).GetMethod(nameof(FactoryOf), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(state).Invoke(null, [named])!;

    private static Func<Activation, object?> FactoryOf<T>(PersistentStateAttribute named) => activation =>
    {
        var services = activation.Runtime.Services;
        var storage = named.StorageName is { } name
            ? services.GetKeyedService<IGrainStorage>(name)
            : services.GetService<IGrainStorage>();
        var bridge = new StateBridge<T>(named.StateName, activation, storage ?? throw new OrleansConfigurationException(
            $"No storage provider found with name \"{named.StorageName ?? "Default"}\", which {activation.GrainId} wants for "
            + $"its state {named.StateName}: register it with AddGrainStorage."));
        (activation.States ??= []).Add(bridge);
        return bridge;
    };
}

/// <summary>
/// One piece of a grain's state. Operations run one after the other even in a reentrant grain, and writes that have not
/// started share one write.
/// </summary>
internal sealed class StateBridge<T>(string name, Activation activation, IGrainStorage storage) : IPersistentState<T>, IStateToLoad
{
    private readonly GrainState<T> _state = new(Blank());
    private Task _last = Task.CompletedTask;
    private Task? _writeToCome;
    private bool _loaded;

    public T State
    {
        get => _state.State!;
        set => _state.State = value;
    }

    public string? Etag => _state.ETag;

    public bool RecordExists => _loaded ? _state.RecordExists : throw new InvalidOperationException("State has not yet been loaded");

    public Task ReadStateAsync() => ReadStateAsync(default);

    public Task WriteStateAsync() => WriteStateAsync(default);

    public Task ClearStateAsync() => ClearStateAsync(default);

    public Task LoadAsync(CancellationToken cancellationToken) => ReadStateAsync(cancellationToken);

    public Task ReadStateAsync(CancellationToken cancellationToken) => Follow(async () =>
    {
        await storage.ReadStateAsync(name, activation.GrainId, _state, cancellationToken);
        _loaded = true;
        if (!_state.RecordExists && _state.State is null) { _state.State = Blank(); }
    });

    public Task WriteStateAsync(CancellationToken cancellationToken) => cancellationToken.CanBeCanceled || _writeToCome is null
        ? Follow(() => storage.WriteStateAsync(name, activation.GrainId, _state, cancellationToken), !cancellationToken.CanBeCanceled)
        : _writeToCome;

    public Task ClearStateAsync(CancellationToken cancellationToken) => Follow(async () =>
    {
        await storage.ClearStateAsync(name, activation.GrainId, _state, cancellationToken);
        _state.State = Blank();
    });

    private static T Blank() => typeof(T).IsValueType || typeof(T) == typeof(string) || typeof(T).IsArray ? default!
        : typeof(T).GetConstructor([]) is not null ? Activator.CreateInstance<T>()
        : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));

    private Task Follow(Func<Task> operation, bool sharesWrites = false)
    {
        if (!ReferenceEquals(RuntimeContext.Current, activation))
        {
            throw new InvalidOperationException($"The state of {activation.GrainId} is used outside its turns, as in Task.Run.");
        }
        if (_last.IsCompleted) { return _last = operation(); }
        _last = FollowAsync(_last, operation, sharesWrites);
        _writeToCome = sharesWrites ? _last : null;
        return _last;
    }

    private async Task FollowAsync(Task before, Func<Task> operation, bool sharesWrites)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (sharesWrites) { _writeToCome = null; }
        await operation();
    }
}
