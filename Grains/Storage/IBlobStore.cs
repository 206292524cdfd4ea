namespace PiGrid.Grains.Storage;

/// <summary>Content-addressed bytes: models, inputs, outputs. Names are SHA-256 digests, so a blob never changes and writing it twice is harmless.</summary>
public interface IBlobStore
{
    /// <summary>
    /// Stores a stream under the digest of its bytes. Durable when it returns; nothing is left behind when it throws.
    /// </summary>
    /// <param name="content">The bytes; read to the end.</param>
    /// <param name="expected">The digest that the bytes must have; any when null.</param>
    /// <param name="bytesMax">The most bytes accepted.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    /// <exception cref="BlobRejectedException">Too many bytes, or not the expected digest.</exception>
    /// <exception cref="IOException">The disk is full or failed; the message names the folder.</exception>
    Task<BlobRef> PutAsync(Stream content, Sha256? expected, long bytesMax, CancellationToken cancellationToken);

    /// <summary>
    /// The blob's reference; null when the store has no such blob. Like one that was put, a blob that was found stays for at least half of
    /// <see cref="BlobOptions.GracePeriod"/>, whether anything names it or not: time for the finder to name it.
    /// </summary>
    ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a blob for reading from its beginning; seekable. Null when the store has no such blob, or finds that its bytes are not what its name
    /// says: then it is fetched again where a copy exists, and otherwise set aside, so that putting it again heals it.
    /// </summary>
    ValueTask<Stream?> OpenAsync(Sha256 digest, CancellationToken cancellationToken);

    /// <summary>The blobs that were last put or found before a time, in no order.</summary>
    IAsyncEnumerable<BlobRef> ListAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Removes a blob unless it was put or found at or after a time; false when it was, or is not there.</summary>
    Task<bool> RemoveAsync(Sha256 digest, DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>Bytes that a blob store refused, with the reason.</summary>
public sealed class BlobRejectedException : Exception
{
    /// <summary>With the reason.</summary>
    public BlobRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Whether there were too many bytes; otherwise they had another digest.</summary>
    public bool TooLarge { get; init; }
}

/// <summary>Short forms for small blobs.</summary>
public static class BlobStoreExtensions
{
    /// <summary>Stores bytes that are in memory.</summary>
    public static async Task<BlobRef> PutBytesAsync(this IBlobStore store, byte[] bytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        using var stream = new MemoryStream(bytes, writable: false);
        return await store.PutAsync(stream, expected: null, bytes.Length, cancellationToken);
    }

    /// <summary>Reads a small blob whole; null when the store has no such blob.</summary>
    /// <exception cref="BlobRejectedException">It is longer than <paramref name="bytesMax"/>.</exception>
    public static async Task<byte[]?> ReadBytesAsync(this IBlobStore store, Sha256 digest, long bytesMax, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        await using var stream = await store.OpenAsync(digest, cancellationToken);
        if (stream is null)
        {
            return null;
        }

        if (stream.Length > bytesMax)
        {
            throw new BlobRejectedException($"Blob {digest} has {stream.Length} bytes, more than the {bytesMax} that may be read here.") { TooLarge = true };
        }

        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
