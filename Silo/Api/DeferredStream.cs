using System.Buffers;

namespace PiGrid.Silo.Api;

/// <summary>
/// An answer's body for writers that end with a few bytes written synchronously, as a zip entry does, which the server refuses: these wait in memory for the next write that can
/// be awaited.
/// </summary>
internal sealed class DeferredStream(Stream inner) : Stream
{
    private readonly ArrayBufferWriter<byte> _late = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => _late.Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => _late.Write(buffer);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await SendLateAsync(cancellationToken);
        await inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Nothing synchronous leaves.
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await SendLateAsync(cancellationToken);
        await inner.FlushAsync(cancellationToken);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask SendLateAsync(CancellationToken cancellationToken)
    {
        if (_late.WrittenCount > 0)
        {
            await inner.WriteAsync(_late.WrittenMemory, cancellationToken);
            _late.ResetWrittenCount();
        }
    }
}
