using Orleans.Runtime;

namespace Orleans
{
    /// <summary>A state with its version, as stores see it.</summary>
    public interface IGrainState<T>
    {
        /// <summary>The state.</summary>
        T? State { get; set; }

        /// <summary>The record's version; null without a record.</summary>
        string? ETag { get; set; }

        /// <summary>True when the store has a record.</summary>
        bool RecordExists { get; set; }
    }

    /// <inheritdoc cref="IGrainState{T}"/>
    [GenerateSerializer]
    public sealed class GrainState<T>(T? state, string? eTag) : IGrainState<T>
    {
        /// <summary>No state yet.</summary>
        public GrainState() : this(default, null) { }

        /// <summary>A state without a record.</summary>
        public GrainState(T? state) : this(state, null) { }

        /// <inheritdoc/>
        [Id(0)]
        public T? State { get; set; } = state;

        /// <inheritdoc/>
        [Id(1)]
        public string? ETag { get; set; } = eTag;

        /// <inheritdoc/>
        [Id(2)]
        public bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    /// <summary>A store of grain states, registered as a keyed singleton under its name.</summary>
    public interface IGrainStorage
    {
        /// <summary>Fills the state from its record, or resets it when there is none.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <inheritdoc cref="ReadStateAsync{T}(string, GrainId, IGrainState{T})"/>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ReadStateAsync(stateName, grainId, grainState);

        /// <summary>Writes the record if its version is still the state's, and sets the new version.</summary>
        /// <exception cref="InconsistentStateException">The record has another version.</exception>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <inheritdoc cref="WriteStateAsync{T}(string, GrainId, IGrainState{T})"/>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            WriteStateAsync(stateName, grainId, grainState);

        /// <summary>Removes the record if its version is still the state's.</summary>
        /// <exception cref="InconsistentStateException">The record has another version.</exception>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <inheritdoc cref="ClearStateAsync{T}(string, GrainId, IGrainState{T})"/>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
            ClearStateAsync(stateName, grainId, grainState);
    }

    /// <summary>A record was written by somebody else. Leaving the grain, it ends the activation, so that state is read anew.</summary>
    [GenerateSerializer]
    public class InconsistentStateException : OrleansException
    {
        /// <summary>Without details.</summary>
        public InconsistentStateException() { }

        /// <summary>With the reason.</summary>
        public InconsistentStateException(string message) : base(message) { }

        /// <summary>With the cause.</summary>
        public InconsistentStateException(string message, Exception? innerException) : base(message, innerException!) { }

        /// <summary>With both versions and the cause.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
            : base(errorMsg, storageException!) => (StoredEtag, CurrentEtag) = (storedEtag, currentEtag);

        /// <summary>With both versions.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
            : this(errorMsg, storedEtag, currentEtag, null) { }

        /// <summary>The version in the store.</summary>
        [Id(1)]
        public string? StoredEtag { get; private set; }

        /// <summary>The version that the writer had.</summary>
        [Id(2)]
        public string? CurrentEtag { get; private set; }

        [Id(0)]
        internal bool IsSourceActivation { get; set; } = true;
    }
}
