namespace Orleans.Runtime
{
    /// <summary>An enumeration of a grain's stream cannot go on, mostly because the grain was deactivated.</summary>
    [GenerateSerializer]
    public sealed class EnumerationAbortedException : Exception
    {
        /// <summary>Aborted without a message.</summary>
        public EnumerationAbortedException() { }

        /// <summary>Aborted with the reason.</summary>
        public EnumerationAbortedException(string message) : base(message) { }

        /// <summary>Aborted with the cause.</summary>
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
        /// <summary>Failed without a message.</summary>
        public ConnectionFailedException() { }

        /// <summary>Failed with the reason.</summary>
        public ConnectionFailedException(string message) : base(message) { }

        /// <summary>Failed with the cause.</summary>
        public ConnectionFailedException(string message, Exception innerException) : base(message, innerException) { }
    }
}

namespace Orleans.Serialization
{
    /// <summary>A value cannot be copied, written or read.</summary>
    [GenerateSerializer]
    public class SerializerException : Exception
    {
        /// <summary>Failed without a message.</summary>
        public SerializerException() { }

        /// <summary>Failed with the reason.</summary>
        public SerializerException(string message) : base(message) { }

        /// <summary>Failed with the cause.</summary>
        public SerializerException(string message, Exception innerException) : base(message, innerException) { }
    }

    /// <summary>A type may not cross a grain boundary: it lacks [GenerateSerializer].</summary>
    [GenerateSerializer]
    public sealed class CodecNotFoundException(string message) : SerializerException(message);

    /// <summary>Stands for an exception of the other process whose type is unknown or not serializable here.</summary>
    [GenerateSerializer]
    public sealed class UnavailableExceptionFallbackException : Exception
    {
        /// <summary>A stand-in without details.</summary>
        public UnavailableExceptionFallbackException() { }

        /// <summary>A stand-in with the original message.</summary>
        public UnavailableExceptionFallbackException(string message, Exception innerException) : base(message, innerException) { }

        /// <summary>The original type's name.</summary>
        [Id(0)]
        public string? ExceptionType { get; internal set; }

        /// <inheritdoc/>
        public override string ToString() => $"Unknown exception of type {ExceptionType}: {base.ToString()}";
    }
}
