namespace PiGrid.Grains.Storage.Postgres;

/// <summary>A blob read piece by piece from the database: seekable, asynchronous only, one piece in memory.</summary>
internal sealed class PostgresBlobStream(PostgresBlobTable table, Sha256 digest, long size) : Stream
{
    private int _place = -1;
    private byte[] _chunk = [];
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => size;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= size || buffer.IsEmpty)
        {
            return 0;
        }

        var place = (int)(_position / PostgresBlobTable.ChunkBytes);
        if (place != _place)
        {
            _chunk = await table.ReadChunkAsync(digest, place, cancellationToken);
            _place = place;
        }

        var from = (int)(_position % PostgresBlobTable.ChunkBytes);
        var count = Math.Min(buffer.Length, _chunk.Length - from);
        if (count <= 0)
        {
            throw new StorageException($"Blob {digest} is damaged: its piece {place} is too short. Put the blob again, or restore it from a backup.");
        }

        _chunk.AsMemory(from, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => size + offset,
    };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
