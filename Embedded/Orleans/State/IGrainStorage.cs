namespace Orleans {
    /// <summary>A state with its version, as stores see it.</summary>
    public interface IGrainState<T> {
        T? State { get; set; }
        string? ETag { get; set; }
        bool RecordExists { get; set; }
    }

    /// <inheritdoc/>
    [GenerateSerializer]
    public sealed class GrainState<T>(T? state, string? eTag = null) : IGrainState<T> {
        public GrainState() : this(default) { }

        [Id(0)] public T? State { get; set; } = state;

        [Id(1)] public string? ETag { get; set; } = eTag;

        [Id(2)] public bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage {
    /// <summary>A store of grain states. Writing or clearing a record of another version throws <see cref="InconsistentStateException"/>.</summary>
    public interface IGrainStorage {
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ReadStateAsync(stateName, grainId, grainState);

        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            WriteStateAsync(stateName, grainId, grainState);

        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ClearStateAsync(stateName, grainId, grainState);
    }
}
