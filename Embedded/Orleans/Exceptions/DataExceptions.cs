namespace Orleans.Serialization {
    /// <summary>A value cannot be copied, written or read.</summary>
    [GenerateSerializer]
    public class SerializerException(string message, Exception innerException) : Exception(message, innerException) {
        public SerializerException(string message) : this(message, null!) { }
    }

    /// <summary>A type may not cross a grain boundary: it lacks [GenerateSerializer].</summary>
    [GenerateSerializer]
    public sealed class CodecNotFoundException(string message) : SerializerException(message);

    /// <summary>Stands for an exception of the other process whose type is unknown or not serializable here.</summary>
    [GenerateSerializer]
    public sealed class UnavailableExceptionFallbackException(string message, Exception innerException)
        : Exception(message, innerException) {
        [Id(0)] public string? ExceptionType { get; internal set; }

        public override string ToString() => $"Unknown exception of type {ExceptionType}: {base.ToString()}";
    }
}

namespace Orleans.Storage {
    /// <summary>A record was written by somebody else. Leaving the grain, it ends the activation, so that state is read anew.</summary>
    [GenerateSerializer]
    public class InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
        : OrleansException(errorMsg, storageException!) {
        public InconsistentStateException(string message, Exception? innerException = null) : this(message, null, null, innerException) { }

        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
            : this(errorMsg, storedEtag, currentEtag, null) { }

        [Id(1)] public string? StoredEtag { get; private set; } = storedEtag;

        [Id(2)] public string? CurrentEtag { get; private set; } = currentEtag;

        [Id(0)] internal bool IsSourceActivation { get; set; } = true;
    }
}
