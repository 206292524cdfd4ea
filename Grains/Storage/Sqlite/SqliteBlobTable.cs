namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>
/// Small blobs in the grid's database. A file of its own costs two flushes of the disk and a block; here thousands of small inputs
/// share the flush that their neighbours need anyway.
/// </summary>
public sealed class SqliteBlobTable(SqliteDatabase database)
{
    /// <summary>Stores bytes; durable when it returns.</summary>
    /// <exception cref="StorageException">The disk is full or failing.</exception>
    public async Task<BlobRef> PutAsync(byte[] bytes, Sha256? expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var blob = new BlobRef(Sha256.Of(bytes), bytes.Length);
        BlobChecks.RequireDigest(blob, expected);
        var digest = blob.Sha256.ToArray();
        if (await FindAsync(blob.Sha256, cancellationToken) is null)
        {
            await database.WriteAsync(
                session => session.Execute("INSERT INTO small_blob (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING", digest, bytes),
                cancellationToken);
        }

        return blob;
    }

    /// <summary>The blob's reference; null when the table has no such blob.</summary>
    public async ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            session => session.Scalar("SELECT length(bytes) FROM small_blob WHERE digest = $1", digest.ToArray()), cancellationToken) is long size
            ? new BlobRef(digest, size)
            : null;

    /// <summary>The blob's bytes; null when the table has no such blob.</summary>
    public async ValueTask<byte[]?> ReadAsync(Sha256 digest, CancellationToken cancellationToken) => (byte[]?)await database.ReadAsync(
        session => session.Scalar("SELECT bytes FROM small_blob WHERE digest = $1", digest.ToArray()), cancellationToken);
}
