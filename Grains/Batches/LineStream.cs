namespace PiGrid.Grains.Batches;

/// <summary>Lines as a stream to be read, each made when it is asked for: so a blob of any size is written with one line in memory.</summary>
internal sealed class LineStream(IAsyncEnumerable<ReadOnlyMemory<byte>> lines) : Stream
{
    private static readonly ReadOnlyMemory<byte> LineEnd = "\n"u8.ToArray();

    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> _lines = lines.GetAsyncEnumerator();
    private ReadOnlyMemory<byte> _rest;
    private bool _isLine;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_isLine)
            {
                (_rest, _isLine) = (LineEnd, false);
            }
            else if (await _lines.MoveNextAsync())
            {
                (_rest, _isLine) = (_lines.Current, true);
            }
            else
            {
                return 0;
            }
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Lines come asynchronously.");

    public override void Flush()
    {
        // Nothing is written here.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _lines.DisposeAsync();
        await base.DisposeAsync();
    }
}
