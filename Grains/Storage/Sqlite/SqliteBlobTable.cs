using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>
/// Small blobs in the grid's database. A file of its own costs two flushes of the disk and a block; here thousands of small inputs
/// share the flush that their neighbours need anyway.
/// </summary>
public sealed partial class SqliteBlobTable(SqliteDatabase database, IOptions<BlobOptions> options, TimeProvider time, ILogger<SqliteBlobTable> logger)
{
    private const int PageRows = 1000;

    /// <summary>Stores bytes; durable when it returns.</summary>
    /// <exception cref="StorageException">The disk is full or failing.</exception>
    public async Task<BlobRef> PutAsync(byte[] bytes, Sha256? expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var blob = new BlobRef(Sha256.Of(bytes), bytes.Length);
        BlobChecks.RequireDigest(blob, expected);
        if (await FindAsync(blob.Sha256, cancellationToken) is null)
        {
            var (digest, now) = (blob.Sha256.ToArray(), Now());
            await database.WriteAsync(
                session => session.Execute(
                    """
                    INSERT INTO small_blob (digest, bytes, put_at, damaged) VALUES ($1, $2, $3, 0)
                    ON CONFLICT DO UPDATE SET bytes = $2, put_at = $3, damaged = 0
                    """,
                    digest, bytes, now),
                cancellationToken);
        }

        return blob;
    }

    /// <summary>The blob's reference; null when the table has no such blob.</summary>
    public async ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        var key = digest.ToArray();
        var rows = await database.ReadAsync(
            session => session.Query(
                "SELECT length(bytes), put_at FROM small_blob WHERE digest = $1 AND NOT damaged",
                static row => (Size: row.GetInt64(0), PutAt: row.GetInt64(1)),
                key),
            cancellationToken);
        if (rows.Count == 0)
        {
            return null;
        }

        var now = Now();
        if (now - rows[0].PutAt <= (long)options.Value.RenewAge.TotalMilliseconds)
        {
            return new BlobRef(digest, rows[0].Size);
        }

        var renewed = await database.WriteAsync(
            session => session.Execute("UPDATE small_blob SET put_at = $2 WHERE digest = $1", key, now), cancellationToken);
        return renewed == 1 ? new BlobRef(digest, rows[0].Size) : null;
    }

    /// <summary>The blob's bytes; null when the table has no such blob, or finds that its bytes are not what its name says.</summary>
    public async ValueTask<byte[]?> ReadAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        var key = digest.ToArray();
        var bytes = (byte[]?)await database.ReadAsync(
            session => session.Scalar("SELECT bytes FROM small_blob WHERE digest = $1 AND NOT damaged", key), cancellationToken);
        if (bytes is null || Sha256.Of(bytes) == digest)
        {
            return bytes;
        }

        LogDamaged(digest, database.File);
        await database.WriteAsync(session => session.Execute("UPDATE small_blob SET damaged = 1 WHERE digest = $1", key), cancellationToken);
        return null;
    }

    /// <summary>The blobs that were last put or found before a time.</summary>
    public async IAsyncEnumerable<BlobRef> ListAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] after = [];
        while (true)
        {
            var page = await database.ReadAsync(
                session => session.Query(
                    "SELECT digest, length(bytes) FROM small_blob WHERE digest > $1 AND put_at < $2 AND NOT damaged ORDER BY digest LIMIT $3",
                    static row => (Digest: row.GetFieldValue<byte[]>(0), Size: row.GetInt64(1)),
                    after,
                    before.ToUnixTimeMilliseconds(),
                    PageRows),
                cancellationToken);
            foreach (var (digest, size) in page)
            {
                yield return new BlobRef(new Sha256(digest), size);
            }

            if (page.Count < PageRows)
            {
                yield break;
            }

            after = page[^1].Digest;
        }
    }

    /// <summary>Removes a blob unless it was put or found at or after a time.</summary>
    public async Task<bool> RemoveAsync(Sha256 digest, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (key, limit) = (digest.ToArray(), before.ToUnixTimeMilliseconds());
        return 1 == await database.WriteAsync(
            session => session.Execute("DELETE FROM small_blob WHERE digest = $1 AND put_at < $2", key, limit), cancellationToken);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(LogLevel.Error, "The bytes of blob {Digest} in {File} are not those of its name: the disk has damaged them. Putting the blob again, or restoring it from a backup, heals it")]
    private partial void LogDamaged(Sha256 digest, string file);
}
