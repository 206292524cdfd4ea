namespace Orleans.Embedded;

/// <summary>What one pull of a stream brings.</summary>
[GenerateSerializer]
internal readonly record struct StreamBatch<T>([property: Id(0)] StreamState State, [property: Id(1)] List<T>? Items);

internal enum StreamState : byte
{
    /// <summary>Nothing yet: pull again.</summary>
    Waiting,

    /// <summary>There are items, and perhaps more.</summary>
    Items,

    /// <summary>These were the last.</summary>
    Completed,

    /// <summary>The activation does not know the stream: it was deactivated meanwhile.</summary>
    Missing,
}

/// <summary>The calls that a stream is made of after it was started.</summary>
internal interface IStreamParts<T>
{
    Task<StreamBatch<T>> Next(Guid id, int batchSizeMax, CancellationToken cancellationToken);

    Task End(Guid id);
}
