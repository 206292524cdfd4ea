using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using PiGrid.Grains.Storage.Sqlite;

namespace PiGrid.Grains.Storage;

/// <summary>Small blobs in the database, large ones as files. Which is which is decided by the bytes themselves, and both are looked at when reading.</summary>
public sealed class LayeredBlobStore(SqliteBlobTable small, FileBlobStore files, IOptions<BlobOptions> options) : IBlobStore
{
    /// <inheritdoc/>
    public async Task<BlobRef> PutAsync(Stream content, Sha256? expected, long bytesMax, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var beginning = new byte[options.Value.SmallBytesMax + 1];
        var read = await content.ReadAtLeastAsync(beginning, beginning.Length, throwOnEndOfStream: false, cancellationToken);
        BlobChecks.RequireSize(read, bytesMax);
        if (read < beginning.Length)
        {
            return await small.PutAsync(beginning[..read], expected, cancellationToken);
        }

        await using var whole = new PrefixedStream(beginning, content);
        return await files.PutAsync(whole, expected, bytesMax, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken) =>
        await small.FindAsync(digest, cancellationToken) ?? await files.FindAsync(digest, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Stream?> OpenAsync(Sha256 digest, CancellationToken cancellationToken) =>
        await small.ReadAsync(digest, cancellationToken) is { } bytes
            ? new MemoryStream(bytes, writable: false)
            : await files.OpenAsync(digest, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobRef> ListAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in small.ListAsync(before, cancellationToken))
        {
            yield return blob;
        }

        await foreach (var blob in files.ListAsync(before, cancellationToken))
        {
            yield return blob;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveAsync(Sha256 digest, DateTimeOffset before, CancellationToken cancellationToken) =>
        await small.RemoveAsync(digest, before, cancellationToken) | await files.RemoveAsync(digest, before, cancellationToken);
}
