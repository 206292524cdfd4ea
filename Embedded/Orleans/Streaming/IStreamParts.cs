namespace Orleans.Embedded;

/// <summary>How a stream goes on after the method that returns it made an enumerator in the activation, and answered with its id. All of
/// that interleaves, so a stream does not block its grain. A batch is a list of the stream's items.</summary>
internal interface IStreamParts : IAddressable {
    [AlwaysInterleave] Task<StreamBatch> Next(Guid id, int batchSizeMax, CancellationToken cancellationToken);

    [AlwaysInterleave] Task End(Guid id);
}

/// <summary>What one pull brings.</summary>
[GenerateSerializer]
internal readonly record struct StreamBatch([property: Id(0)] StreamState State, [property: Id(1)] object? Items = null);

internal enum StreamState : byte {
    Waiting,

    Items,

    Completed,

    /// <summary>The activation does not know the stream: it was deactivated meanwhile.</summary>
    Missing,
}
