using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>Blobs in PostgreSQL, in pieces of one mebibyte, so that a range of a large one can be read and no value is ever huge.</summary>
public sealed class PostgresBlobTable(PostgresDatabase database, IOptions<BlobOptions> options, TimeProvider time)
{
    /// <summary>The size of a piece; the last of a blob is shorter.</summary>
    public const int ChunkBytes = 1 << 20;

    private const int PageRows = 1000;

    private const string PutSmall = """
        WITH entered AS (
            INSERT INTO blob (digest, size, put_at) VALUES ($1, $2, $3)
            ON CONFLICT (digest) DO UPDATE SET put_at = excluded.put_at, damaged = false RETURNING digest)
        INSERT INTO blob_chunk (digest, place, bytes) SELECT digest, 0, $4 FROM entered
        ON CONFLICT (digest, place) DO UPDATE SET bytes = excluded.bytes
        """;

    private const string PutChunk =
        "INSERT INTO blob_chunk (digest, place, bytes) VALUES ($1, $2, $3) ON CONFLICT (digest, place) DO UPDATE SET bytes = excluded.bytes";

    /// <summary>Stores a blob of at most one piece; durable when it returns.</summary>
    /// <exception cref="StorageException">The server is away or failing.</exception>
    public async Task PutSmallAsync(BlobRef blob, byte[] bytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, ChunkBytes);
        if (await FindAsync(blob.Sha256, cancellationToken) is null)
        {
            await database.WriteAsync<string>(PutSmall, [blob.Sha256.ToArray(), blob.Size, time.GetUtcNow(), bytes], cancellationToken);
        }
    }

    /// <summary>Stores a blob in one transaction; durable when it returns.</summary>
    /// <param name="blob">What the bytes are; they were checked.</param>
    /// <param name="open">Opens the bytes; once for every attempt.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    /// <exception cref="StorageException">The server is away or failing.</exception>
    public Task PutAsync(BlobRef blob, Func<Stream> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        ArgumentNullException.ThrowIfNull(open);
        var digest = blob.Sha256.ToArray();
        return database.RetryAsync<object?>(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                // Whoever puts the same blob at once waits here and then finds it.
                await using var enter = PostgresDatabase.Command(
                    connection,
                    "INSERT INTO blob (digest, size, put_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO UPDATE SET put_at = excluded.put_at RETURNING xmax = 0 OR damaged",
                    [digest, blob.Size, time.GetUtcNow()]);
                if (await enter.ExecuteScalarAsync(cancellationToken) is true)
                {
                    await using var content = open();
                    var buffer = new byte[ChunkBytes];
                    for (int place = 0, read; (read = await content.ReadAtLeastAsync(buffer, ChunkBytes, throwOnEndOfStream: false, cancellationToken)) > 0; place++)
                    {
                        await using var put = PostgresDatabase.Command(connection, PutChunk, [digest, place, buffer.AsMemory(0, read)]);
                        await put.ExecuteNonQueryAsync(cancellationToken);
                    }

                    await using var mend = PostgresDatabase.Command(connection, "UPDATE blob SET damaged = false WHERE digest = $1 AND damaged", [digest]);
                    await mend.ExecuteNonQueryAsync(cancellationToken);
                }

                await transaction.CommitAsync(cancellationToken);
                return null;
            },
            cancellationToken);
    }

    /// <summary>The blob's reference; null when there is no such blob. See <see cref="IBlobStore.FindAsync"/> for how long it stays.</summary>
    public async ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        var key = digest.ToArray();
        var rows = await database.QueryAsync(
            "SELECT size, put_at FROM blob WHERE digest = $1 AND NOT damaged",
            static row => (Size: row.GetInt64(0), PutAt: row.GetFieldValue<DateTimeOffset>(1)),
            [key],
            cancellationToken);
        if (rows.Count == 0)
        {
            return null;
        }

        var now = time.GetUtcNow();
        return now - rows[0].PutAt <= options.Value.RenewAge
            || await database.WriteAsync<byte[]>("UPDATE blob SET put_at = $2 WHERE digest = $1 RETURNING digest", [key, now], cancellationToken) is not null
            ? new BlobRef(digest, rows[0].Size)
            : null;
    }

    /// <summary>Opens a blob; its bytes are not checked. Null when there is no such blob.</summary>
    public async ValueTask<Stream?> OpenAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        var sizes = await database.QueryAsync(
            "SELECT size FROM blob WHERE digest = $1 AND NOT damaged", static row => row.GetInt64(0), [digest.ToArray()], cancellationToken);
        return sizes.Count == 0 ? null : new PostgresBlobStream(this, digest, sizes[0]);
    }

    /// <summary>The blobs that were last put or found before a time.</summary>
    public async IAsyncEnumerable<BlobRef> ListAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] after = [];
        while (true)
        {
            var page = await database.QueryAsync(
                "SELECT digest, size FROM blob WHERE digest > $1 AND put_at < $2 AND NOT damaged ORDER BY digest LIMIT $3",
                static row => (Digest: row.GetFieldValue<byte[]>(0), Size: row.GetInt64(1)),
                [after, before, PageRows],
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
    public async Task<bool> RemoveAsync(Sha256 digest, DateTimeOffset before, CancellationToken cancellationToken) =>
        await database.WriteAsync<byte[]>(
            "DELETE FROM blob WHERE digest = $1 AND put_at < $2 RETURNING digest", [digest.ToArray(), before], cancellationToken) is not null;

    /// <summary>The bytes are not those of the name: the blob is no longer given out, and putting it again replaces them.</summary>
    public Task SetAsideAsync(Sha256 digest, CancellationToken cancellationToken) =>
        database.WriteAsync<string>("UPDATE blob SET damaged = true WHERE digest = $1", [digest.ToArray()], cancellationToken);

    /// <summary>One piece of a blob.</summary>
    /// <exception cref="StorageException">It is missing, or the server is away or failing.</exception>
    internal async Task<byte[]> ReadChunkAsync(Sha256 digest, int place, CancellationToken cancellationToken)
    {
        var chunks = await database.QueryAsync(
            "SELECT bytes FROM blob_chunk WHERE digest = $1 AND place = $2",
            static row => row.GetFieldValue<byte[]>(0),
            [digest.ToArray(), place],
            cancellationToken);
        return chunks.Count == 1
            ? chunks[0]
            : throw new StorageException($"Blob {digest} in the {database.Where} lacks its piece {place}: put the blob again, or restore it from a backup.");
    }
}
