using System.Buffers;
using System.Threading.Channels;

namespace Orleans.Embedded;

/// <summary>Frames over a stream: each is its length in four bytes and its body. Sending never blocks; frames that wait are written
/// together, and a peer that reads nothing is dropped when too much waits for it.</summary>
internal sealed class FrameChannel : IAsyncDisposable {
    private readonly Channel<WireWriter> _out = Channel.CreateUnbounded<WireWriter>(new() { SingleReader = true });
    private readonly BufferedStream _reading;
    private readonly int _bodySizeMax;
    private readonly Task _writing;
    private long _waiting;

    public FrameChannel(Stream stream, int bodySizeMax) {
        (_reading, _bodySizeMax) = (new(stream, 64 * 1024), bodySizeMax);
        _writing = WriteAllAsync(new BufferedStream(stream, 64 * 1024));
    }

    public delegate void Handler(ReadOnlySpan<byte> body);

    /// <summary>Queues a frame and takes ownership of it. False when the channel is closed.</summary>
    public bool Send(WireWriter frame) {
        var waiting = Interlocked.Add(ref _waiting, frame.Frame(_bodySizeMax).Length);
        if (waiting > 2L * _bodySizeMax + 1024) { _out.Writer.TryComplete(); }
        return _out.Writer.TryWrite(frame);
    }

    /// <summary>Reads one frame; false at the end of the stream.</summary>
    /// <exception cref="SerializerException">The frame is larger than allowed.</exception>
    public async Task<bool> ReadAsync(Handler handle, int sizeMax, CancellationToken cancellationToken) {
        var prefix = new byte[sizeof(int)];
        if (await _reading.ReadAtLeastAsync(prefix, prefix.Length, false, cancellationToken) < prefix.Length) { return false; }
        var size = BitConverter.ToInt32(prefix);
        if (size < 0 || size > sizeMax) { throw new SerializerException($"A frame of {size} bytes is announced where {sizeMax} are allowed."); }
        var body = ArrayPool<byte>.Shared.Rent(size);
        try {
            await _reading.ReadExactlyAsync(body.AsMemory(0, size), cancellationToken);
            handle(body.AsSpan(0, size));
            return true;
        }
        finally { ArrayPool<byte>.Shared.Return(body); }
    }

    /// <summary>Writes what is queued, as far as the peer takes it, and closes.</summary>
    public async ValueTask DisposeAsync() {
        _out.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(TimeSpan.FromSeconds(1)));
        await _reading.DisposeAsync();
    }

    private async Task WriteAllAsync(BufferedStream stream) {
        while (await _out.Reader.WaitToReadAsync()) {
            while (_out.Reader.TryRead(out var frame)) {
                using var written = frame;
                var bytes = frame.Frame(_bodySizeMax);
                await stream.WriteAsync(bytes);
                Interlocked.Add(ref _waiting, -bytes.Length);
            }
            await stream.FlushAsync();
        }
    }
}
