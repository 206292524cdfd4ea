namespace Orleans.Embedded;

/// <summary>One piece of a grain's state. Operations run one after the other even in a reentrant grain, and writes that have not
/// started share one write.</summary>
internal sealed class StateBridge<T> : IPersistentState<T> {
    private readonly Activation _activation;
    private readonly string _name;
    private readonly IGrainStorage _storage;
    private readonly GrainState<T> _state = new(Blank());
    private Task _last = Task.CompletedTask;
    private Task? _writeToCome;

    public StateBridge(Activation activation, PersistentStateAttribute named) {
        (_activation, _name) = (activation, named.StateName);
        var services = activation.Runtime.Services;
        _storage = (named.StorageName is { } name ? services.GetKeyedService<IGrainStorage>(name) : services.GetService<IGrainStorage>())
            ?? throw new OrleansConfigurationException(
                $"No storage provider found with name \"{named.StorageName ?? "Default"}\", which {activation.GrainId} wants for its state "
                + $"{named.StateName}: register it with AddGrainStorage.");
        (activation.StatesToLoad ??= []).Add(ReadStateAsync);
    }

    public T State { get => _state.State!; set => _state.State = value; }

    public string? Etag => _state.ETag;

    public bool RecordExists => _state.RecordExists;

    public Task ReadStateAsync() => ReadStateAsync(default);

    public Task WriteStateAsync() => WriteStateAsync(default);

    public Task ClearStateAsync() => ClearStateAsync(default);

    public Task ReadStateAsync(CancellationToken cancellationToken) => Follow(async () => {
        await _storage.ReadStateAsync(_name, _activation.GrainId, _state, cancellationToken);
        _state.State ??= Blank();
    });

    public Task WriteStateAsync(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? Follow(() => _storage.WriteStateAsync(_name, _activation.GrainId, _state, cancellationToken))
        : _writeToCome ?? Follow(() => _storage.WriteStateAsync(_name, _activation.GrainId, _state), shared: true);

    public Task ClearStateAsync(CancellationToken cancellationToken) => Follow(async () => {
        await _storage.ClearStateAsync(_name, _activation.GrainId, _state, cancellationToken);
        _state.State = Blank();
    });

    private static T Blank() => typeof(T).IsValueType || typeof(T) == typeof(string) || typeof(T).IsArray ? default!
        : (T)(typeof(T).GetConstructor([])?.Invoke([]) ?? RuntimeHelpers.GetUninitializedObject(typeof(T)));

    private Task Follow(Func<Task> operation, bool shared = false) {
        if (RuntimeContext.Current != _activation) {
            throw new InvalidOperationException($"The state of {_activation.GrainId} is used outside its turns, as in Task.Run.");
        }
        var waits = !_last.IsCompleted;
        _last = waits ? AfterAsync(_last, operation) : operation();
        _writeToCome = waits && shared ? _last : null;
        return _last;
    }

    private async Task AfterAsync(Task before, Func<Task> operation) {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _writeToCome = null;
        await operation();
    }
}
