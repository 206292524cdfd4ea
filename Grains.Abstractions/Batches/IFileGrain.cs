namespace PiGrid.Batches;

/// <summary>A file: a name for a blob, with an owner and an end. The key is its <see cref="FileId"/>.</summary>
[Alias("PiGrid.IFileGrain")]
public interface IFileGrain : IGrainWithStringKey
{
    /// <summary>Makes the file. Durable when it returns. One that is there already stays as it is, and is what is returned.</summary>
    [Alias("Create")]
    Task<StoredFile> Create(StoredFile file);

    /// <summary>The file; null when there is none, or when it has expired.</summary>
    [Alias("Get")]
    Task<StoredFile?> Get();

    /// <summary>Deletes it; its blob is collected when nothing else names it. False when there is none. Idempotent.</summary>
    [Alias("Delete")]
    Task<bool> Delete();

    /// <summary>Deletes it if it has expired; whether it is gone now.</summary>
    [Alias("DeleteIfExpired")]
    Task<bool> DeleteIfExpired();
}

/// <summary>What is known of a file.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.StoredFile")]
public sealed record StoredFile
{
    /// <summary>The file.</summary>
    [Id(0)]
    public required FileId Id { get; init; }

    /// <summary>Its name for people; at most 200 characters.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    [Id(2)]
    public required FilePurpose Purpose { get; init; }

    /// <summary>Its bytes.</summary>
    [Id(3)]
    public required BlobRef Blob { get; init; }

    /// <summary>When it was made.</summary>
    [Id(4)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it is no longer there; never when null.</summary>
    [Id(5)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whose key made it.</summary>
    [Id(6)]
    public required string Requester { get; init; }
}

/// <summary>What files are for.</summary>
[GenerateSerializer, Alias("PiGrid.FilePurpose")]
public enum FilePurpose
{
    /// <summary>The calls of a batch, uploaded.</summary>
    Batch,

    /// <summary>What came of a batch's calls.</summary>
    BatchOutput,
}
