namespace Orleans.Runtime;

/// <summary>The base of the engine's failures.</summary>
[GenerateSerializer]
public class OrleansException : Exception
{
    /// <summary>A failure without a message.</summary>
    public OrleansException() : base("Unexpected error.") { }

    /// <summary>A failure with a message.</summary>
    public OrleansException(string message) : base(message) { }

    /// <summary>A failure with a message and a cause.</summary>
    public OrleansException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A call could not be delivered. It was not run, unless the connection broke meanwhile.</summary>
[GenerateSerializer]
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message) : base(message) { }

    internal OrleansMessageRejectionException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>The silo is stopped, stopping or unreachable. Whether the call ran is unknown.</summary>
[GenerateSerializer]
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>The silo is gone.</summary>
    public SiloUnavailableException() : base("Silo unavailable") { }

    /// <summary>The silo is gone, with the reason.</summary>
    public SiloUnavailableException(string msg) : base(msg) { }

    /// <summary>The silo is gone, with the cause.</summary>
    public SiloUnavailableException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>The client that an observer lives in is gone, or the observer's reference was deleted.</summary>
[GenerateSerializer]
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(GrainId clientId) : base($"No activation for client {clientId}") { }
}

/// <summary>The engine's configuration is wrong.</summary>
[GenerateSerializer]
public sealed class OrleansConfigurationException : Exception
{
    /// <summary>What is wrong and what to do.</summary>
    public OrleansConfigurationException(string message) : base(message) { }

    /// <summary>What is wrong, with the cause.</summary>
    public OrleansConfigurationException(string message, Exception innerException) : base(message, innerException) { }
}
