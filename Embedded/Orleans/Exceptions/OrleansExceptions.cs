namespace Orleans.Runtime {
    /// <summary>The base of the engine's failures.</summary>
    [GenerateSerializer]
    public class OrleansException(string message, Exception innerException) : Exception(message, innerException) {
        public OrleansException() : this("Unexpected error.") { }

        public OrleansException(string message) : this(message, null!) { }
    }

    /// <summary>A call could not be delivered. It was not run, unless the connection broke meanwhile.</summary>
    [GenerateSerializer]
    public class OrleansMessageRejectionException : OrleansException {
        internal OrleansMessageRejectionException(string message, Exception? innerException = null) : base(message, innerException!) { }
    }

    /// <summary>The silo is stopped, stopping or unreachable. Whether the call ran is unknown.</summary>
    [GenerateSerializer]
    public sealed class SiloUnavailableException(string message, Exception innerException)
        : OrleansMessageRejectionException(message, innerException) {
        public SiloUnavailableException() : this("Silo unavailable") { }

        public SiloUnavailableException(string msg) : this(msg, null!) { }
    }

    /// <summary>The client that an observer lives in is gone, or the observer's reference was deleted.</summary>
    [GenerateSerializer]
    public sealed class ClientNotAvailableException : OrleansException {
        internal ClientNotAvailableException(GrainId clientId) : base($"No activation for client {clientId}") { }
    }

    /// <summary>The engine's configuration is wrong.</summary>
    [GenerateSerializer]
    public sealed class OrleansConfigurationException(string message, Exception innerException) : Exception(message, innerException) {
        public OrleansConfigurationException(string message) : this(message, null!) { }
    }

    /// <summary>An enumeration of a grain's stream cannot go on, mostly because the grain was deactivated.</summary>
    [GenerateSerializer]
    public sealed class EnumerationAbortedException(string message, Exception innerException) : Exception(message, innerException) {
        public EnumerationAbortedException() : this("Enumeration aborted") { }

        public EnumerationAbortedException(string message) : this(message, null!) { }
    }

    /// <summary>A reminder could not be registered or removed.</summary>
    [GenerateSerializer]
    public sealed class ReminderException(string message) : OrleansException(message);
}

namespace Orleans.Runtime.Messaging {
    /// <summary>The client could not connect to the silo.</summary>
    [GenerateSerializer]
    public class ConnectionFailedException(string message, Exception innerException) : OrleansException(message, innerException) {
        public ConnectionFailedException(string message) : this(message, null!) { }
    }
}
