using System.Buffers;
using System.Threading.Channels;

namespace Orleans.Embedded;

/// <summary>
/// Frames over a stream: each is its length in four bytes and its body. Sending never blocks; frames that wait are written
/// together, and a peer that reads nothing is dropped when too much waits for it.
/// </summary>
internal sealed class FrameChannel(Stream stream, int bodySizeMax) : IAsyncDisposable
{
    private readonly Channel<WireWriter> _out = Channel.CreateUnbounded<WireWriter>(new() { SingleReader = true });
    private readonly BufferedStream _reading = new(stream, 64 * 1024);
    private long _waiting;

    public delegate void Handler(ReadOnlySpan<byte> body);

    /// <summary>Queues a frame and takes ownership of it. False when the channel is closed.</summary>
    public bool Send(WireWriter frame)
    {
        var waiting = Interlocked.Add(ref _waiting, frame.Frame(bodySizeMax).Length);
        if (waiting > 2L * bodySizeMax + 1024) { _out.Writer.TryComplete(); }
        return _out.Writer.TryWrite(frame);
    }

    /// <summary>Writes queued frames until the channel is closed.</summary>
    public async Task WriteAllAsync()
    {
        await using var writing = new BufferedStream(stream, 64 * 1024);
        while (await _out.Reader.WaitToReadAsync())
        {
            while (_out.Reader.TryRead(out var frame)) { await WriteAsync(writing, frame); }
            await writing.FlushAsync();
        }
    }

    /// <summary>Writes one frame before <see cref="WriteAllAsync"/> runs.</summary>
    public Task WriteNowAsync(WireWriter frame) => WriteAsync(stream, frame);

    /// <summary>Reads one frame; false at the end of the stream.</summary>
    /// <exception cref="SerializerException">The frame is larger than allowed.</exception>
    public async Task<bool> ReadAsync(Handler handle, int sizeMax, CancellationToken cancellationToken)
    {
        var prefix = new byte[sizeof(int)];
        if (await _reading.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false, cancellationToken) < prefix.Length)
        {
            return false;
        }
        var size = BitConverter.ToInt32(prefix);
        if (size < 0 || size > sizeMax)
        {
            throw new SerializerException($"A frame of {size} bytes is announced where {sizeMax} are allowed.");
        }
        var body = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            await _reading.ReadExactlyAsync(body.AsMemory(0, size), cancellationToken);
            handle(body.AsSpan(0, size));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    public ValueTask DisposeAsync()
    {
        _out.Writer.TryComplete();
        return stream.DisposeAsync();
    }

    private async Task WriteAsync(Stream target, WireWriter frame)
    {
        using (frame)
        {
            var bytes = frame.Frame(bodySizeMax);
            await target.WriteAsync(bytes);
            Interlocked.Add(ref _waiting, -bytes.Length);
        }
    }
}
