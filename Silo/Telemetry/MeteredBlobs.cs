using PiGrid.Grains.Storage;
using PiGrid.Grains.Telemetry;

namespace PiGrid.Silo.Telemetry;

/// <summary>A blob store whose bytes are counted.</summary>
internal sealed class MeteredBlobs(IBlobStore store, GridMetrics metrics) : IBlobStore
{
    /// <inheritdoc/>
    public async Task<BlobRef> PutAsync(Stream content, Sha256? expected, long bytesMax, CancellationToken cancellationToken)
    {
        var blob = await store.PutAsync(content, expected, bytesMax, cancellationToken);
        metrics.BlobBytes(blob.Size, stored: true);
        return blob;
    }

    /// <inheritdoc/>
    public ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken) => store.FindAsync(digest, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Stream?> OpenAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        var stream = await store.OpenAsync(digest, cancellationToken);
        if (stream is not null)
        {
            metrics.BlobBytes(stream.Length, stored: false);
        }

        return stream;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobRef> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) => store.ListAsync(before, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(Sha256 digest, DateTimeOffset before, CancellationToken cancellationToken) => store.RemoveAsync(digest, before, cancellationToken);
}
