namespace Orleans.Core
{
    /// <summary>A piece of a grain's state and its record in the store.</summary>
    public interface IStorage
    {
        /// <summary>The record's version; null without a record.</summary>
        string? Etag { get; }

        /// <summary>True when the store has a record.</summary>
        bool RecordExists { get; }

        /// <summary>Removes the record and resets the state.</summary>
        Task ClearStateAsync();

        /// <summary>Writes the state.</summary>
        /// <exception cref="Storage.InconsistentStateException">Somebody else wrote meanwhile.</exception>
        Task WriteStateAsync();

        /// <summary>Reads the state again.</summary>
        Task ReadStateAsync();

        /// <inheritdoc cref="ClearStateAsync()"/>
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        /// <inheritdoc cref="WriteStateAsync()"/>
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        /// <inheritdoc cref="ReadStateAsync()"/>
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>A typed piece of state.</summary>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The state in memory.</summary>
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A piece of state that is injected by <see cref="PersistentStateAttribute"/> and read before OnActivateAsync.</summary>
    public interface IPersistentState<TState> : Core.IStorage<TState>;

    /// <summary>Names the state and its store, on a constructor parameter of type <see cref="IPersistentState{T}"/>.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        /// <summary>The name that records carry.</summary>
        public string StateName { get; } = stateName;

        /// <summary>The store's name; null for the default one.</summary>
        public string? StorageName { get; } = storageName;
    }
}
