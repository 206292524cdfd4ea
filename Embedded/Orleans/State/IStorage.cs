namespace Orleans.Core {
    /// <summary>A piece of a grain's state and its record in the store.</summary>
    public interface IStorage {
        string? Etag { get; }
        bool RecordExists { get; }
        Task ClearStateAsync();
        Task WriteStateAsync();
        Task ReadStateAsync();
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <inheritdoc/>
    public interface IStorage<TState> : IStorage {
        TState State { get; set; }
    }
}

namespace Orleans.Runtime {
    /// <summary>A piece of state that is injected by <see cref="PersistentStateAttribute"/> and read before OnActivateAsync.</summary>
    public interface IPersistentState<TState> : Core.IStorage<TState>;

    /// <summary>Names the state and its store (null: "Default"), on a constructor parameter of type <see cref="IPersistentState{T}"/>.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute {
        public string StateName { get; } = stateName;

        public string? StorageName { get; } = storageName;
    }
}
