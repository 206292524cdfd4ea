namespace Orleans.Runtime
{
    /// <summary>An enumeration of a grain's stream cannot go on, mostly because the grain was deactivated.</summary>
    [GenerateSerializer]
    public sealed class EnumerationAbortedException : Exception
    {
        public EnumerationAbortedException() { }

        public EnumerationAbortedException(string message) : base(message) { }

        public EnumerationAbortedException(string message, Exception innerException) : base(message, innerException) { }
    }

    /// <summary>A reminder could not be registered or removed.</summary>
    [GenerateSerializer]
    public sealed class ReminderException(string message) : OrleansException(message);
}

namespace Orleans.Runtime.Messaging
{
    /// <summary>The client could not connect to the silo.</summary>
    [GenerateSerializer]
    public class ConnectionFailedException : OrleansException
    {
        public ConnectionFailedException() { }

        public ConnectionFailedException(string message) : base(message) { }

        public ConnectionFailedException(string message, Exception innerException) : base(message, innerException) { }
    }
}

namespace Orleans.Serialization
{
    /// <summary>A value cannot be copied, written or read.</summary>
    [GenerateSerializer]
    public class SerializerException : Exception
    {
        public SerializerException() { }

        public SerializerException(string message) : base(message) { }

        public SerializerException(string message, Exception innerException) : base(message, innerException) { }
    }

    /// <summary>A type may not cross a grain boundary: it lacks [GenerateSerializer].</summary>
    [GenerateSerializer]
    public sealed class CodecNotFoundException(string message) : SerializerException(message);

    /// <summary>Stands for an exception of the other process whose type is unknown or not serializable here.</summary>
    [GenerateSerializer]
    public sealed class UnavailableExceptionFallbackException : Exception
    {
        public UnavailableExceptionFallbackException() { }

        public UnavailableExceptionFallbackException(string message, Exception innerException) : base(message, innerException) { }

        [Id(0)]
        public string? ExceptionType { get; internal set; }

        public override string ToString() => $"Unknown exception of type {ExceptionType}: {base.ToString()}";
    }
}
