using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>
/// Blobs in PostgreSQL, which every silo of a cluster reaches, with copies of the large ones on this silo's disk. A large blob is taken in on the disk
/// first: its name is known only at its end, and a slow sender must not hold a transaction open.
/// </summary>
public sealed partial class PostgresBlobStore(
    PostgresBlobTable table, BlobCache cache, IOptions<BlobOptions> options, ILogger<PostgresBlobStore> logger) : IBlobStore
{
    private readonly ConcurrentDictionary<Sha256, bool> _whole = new();

    /// <inheritdoc/>
    public async Task<BlobRef> PutAsync(Stream content, Sha256? expected, long bytesMax, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var beginning = new byte[options.Value.SmallBytesMax + 1];
        var read = await content.ReadAtLeastAsync(beginning, beginning.Length, throwOnEndOfStream: false, cancellationToken);
        BlobChecks.RequireSize(read, bytesMax);
        return read < beginning.Length
            ? await PutSmallAsync(beginning[..read], expected, cancellationToken)
            : await PutLargeAsync(beginning, content, expected, bytesMax, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken) => table.FindAsync(digest, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Stream?> OpenAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        if (await table.OpenAsync(digest, cancellationToken) is not { } stored)
        {
            return null;
        }

        if (stored.Length <= options.Value.SmallBytesMax)
        {
            return await ReadSmallAsync(digest, stored, cancellationToken);
        }

        try
        {
            if (cache.Keeps(stored.Length))
            {
                return await cache.OpenAsync(new BlobRef(digest, stored.Length), () => Task.FromResult<Stream?>(stored), cancellationToken);
            }

            await RequireWholeAsync(digest, stored, cancellationToken);
            return stored;
        }
        catch (BlobRejectedException)
        {
            await SetAsideAsync(digest, cancellationToken);
            return null;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobRef> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) => table.ListAsync(before, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(Sha256 digest, DateTimeOffset before, CancellationToken cancellationToken) =>
        table.RemoveAsync(digest, before, cancellationToken);

    private async Task<BlobRef> PutSmallAsync(byte[] bytes, Sha256? expected, CancellationToken cancellationToken)
    {
        var blob = new BlobRef(Sha256.Of(bytes), bytes.Length);
        BlobChecks.RequireDigest(blob, expected);
        await table.PutSmallAsync(blob, bytes, cancellationToken);
        return blob;
    }

    private async Task<BlobRef> PutLargeAsync(
        byte[] beginning, Stream rest, Sha256? expected, long bytesMax, CancellationToken cancellationToken)
    {
        await using var whole = new PrefixedStream(beginning, rest);
        return await cache.PutAsync(
            whole, expected, bytesMax, (blob, open) => table.PutAsync(blob, open, cancellationToken), cancellationToken);
    }

    // One that is too large for the cache is read whole when it is first opened after a start, as files are.
    private async Task RequireWholeAsync(Sha256 digest, Stream stored, CancellationToken cancellationToken)
    {
        if (_whole.ContainsKey(digest))
        {
            return;
        }

        var found = new BlobRef(new Sha256(await SHA256.HashDataAsync(stored, cancellationToken)), stored.Length);
        BlobChecks.RequireDigest(found, digest);
        _whole[digest] = true;
        stored.Position = 0;
    }

    private async Task<Stream?> ReadSmallAsync(Sha256 digest, Stream stored, CancellationToken cancellationToken)
    {
        var bytes = new byte[stored.Length];
        await stored.ReadExactlyAsync(bytes, cancellationToken);
        if (Sha256.Of(bytes) == digest)
        {
            return new MemoryStream(bytes, writable: false);
        }

        await SetAsideAsync(digest, cancellationToken);
        return null;
    }

    private Task SetAsideAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        LogDamaged(digest);
        _whole.TryRemove(digest, out _);
        return table.SetAsideAsync(digest, cancellationToken);
    }

    [LoggerMessage(LogLevel.Error, "The bytes of blob {Digest} in the database are not those of its name. Putting the blob again, or restoring it from a backup, heals it")]
    private partial void LogDamaged(Sha256 digest);
}
