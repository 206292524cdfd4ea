using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace Orleans.Embedded;

/// <summary>
/// Frames over a stream: each is its length in four bytes and its body. Sending never blocks; frames that wait are written
/// together, and a peer that reads nothing is dropped when too much waits for it.
/// </summary>
internal sealed class FrameChannel(Stream stream, int bodySizeMax) : IAsyncDisposable
{
    private readonly Channel<WireWriter> _out = Channel.CreateUnbounded<WireWriter>(new() { SingleReader = true });
    private readonly PipeReader _reader = PipeReader.Create(stream);
    private readonly long _waitingMax = 2L * bodySizeMax + 1024;
    private long _waiting;

    public delegate void Handler(ReadOnlySpan<byte> body);

    /// <summary>Queues a frame and takes ownership of it. False when the channel is closed.</summary>
    public bool Send(WireWriter frame)
    {
        var size = frame.Frame(bodySizeMax).Length;
        if (Interlocked.Add(ref _waiting, size) > _waitingMax)
        {
            _out.Writer.TryComplete(new IOException("The peer does not read what is sent to it."));
        }
        if (_out.Writer.TryWrite(frame)) { return true; }
        frame.Dispose();
        return false;
    }

    /// <summary>Writes queued frames until the channel is closed.</summary>
    public async Task WriteAllAsync()
    {
        var writer = PipeWriter.Create(stream);
        try
        {
            while (await _out.Reader.WaitToReadAsync())
            {
                while (_out.Reader.TryRead(out var frame))
                {
                    using (frame)
                    {
                        var bytes = frame.Frame(bodySizeMax);
                        writer.Write(bytes.Span);
                        Interlocked.Add(ref _waiting, -bytes.Length);
                    }
                    if (writer.UnflushedBytes > 64 * 1024) { await writer.FlushAsync(); }
                }
                await writer.FlushAsync();
            }
        }
        finally
        {
            _out.Writer.TryComplete();
            stream.Close();
        }
    }

    /// <summary>Writes one frame before <see cref="WriteAllAsync"/> runs.</summary>
    public async Task WriteNowAsync(WireWriter frame, CancellationToken cancellationToken)
    {
        using (frame) { await stream.WriteAsync(frame.Frame(bodySizeMax), cancellationToken); }
    }

    /// <summary>Reads one frame; false at the end of the stream.</summary>
    /// <exception cref="SerializerException">The frame is larger than allowed, or cut off.</exception>
    public async Task<bool> ReadAsync(Handler handle, int sizeMax, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (TryTake(ref buffer, sizeMax, out var body))
            {
                handle(body.IsSingleSegment ? body.FirstSpan : body.ToArray());
                _reader.AdvanceTo(buffer.Start);
                return true;
            }
            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return buffer.IsEmpty ? false : throw new SerializerException("The stream ended within a frame.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _out.Writer.TryComplete();
        await stream.DisposeAsync();
        await _reader.CompleteAsync();
    }

    private static bool TryTake(ref ReadOnlySequence<byte> buffer, int sizeMax, out ReadOnlySequence<byte> body)
    {
        body = default;
        if (buffer.Length < sizeof(int)) { return false; }
        Span<byte> prefix = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(prefix);
        var size = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (size < 0 || size > sizeMax)
        {
            throw new SerializerException($"A frame of {size} bytes is announced where {sizeMax} are allowed.");
        }
        if (buffer.Length < sizeof(int) + size) { return false; }
        body = buffer.Slice(sizeof(int), size);
        buffer = buffer.Slice(body.End);
        return true;
    }
}
