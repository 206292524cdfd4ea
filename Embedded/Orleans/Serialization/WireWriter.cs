using System.Buffers;
using System.Runtime.InteropServices;

namespace Orleans.Embedded;

/// <summary>A growing buffer that a frame is written to. Frames start with their length, filled in at the end.</summary>
internal sealed class WireWriter : IDisposable {
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _length = sizeof(int);

    public int Depth { get; set; }

    public void Raw<T>(T value) where T : unmanaged {
        MemoryMarshal.Write(Room(Unsafe.SizeOf<T>()), in value);
        _length += Unsafe.SizeOf<T>();
    }

    public void Bool(bool value) => Raw(value ? (byte)1 : (byte)0);

    public void Count(int value) {
        for (; value >= 0x80; value >>= 7) { Raw((byte)(value & 0x7F | 0x80)); }
        Raw((byte)value);
    }

    public void Bytes(ReadOnlySpan<byte> value) {
        Count(value.Length);
        value.CopyTo(Room(value.Length));
        _length += value.Length;
    }

    public void Text(string value) {
        var size = Encoding.UTF8.GetByteCount(value);
        Count(size);
        _length += Encoding.UTF8.GetBytes(value, Room(size));
    }

    /// <summary>Starts a part that a reader can skip; give the result to <see cref="EndBlock"/>.</summary>
    public int BeginBlock() {
        Raw(0);
        return _length;
    }

    public void EndBlock(int start) => MemoryMarshal.Write(_buffer.AsSpan(start - sizeof(int)), _length - start);

    public ReadOnlyMemory<byte> Frame(int bodySizeMax) {
        EndBlock(sizeof(int));
        return _length - sizeof(int) <= bodySizeMax ? _buffer.AsMemory(0, _length) : throw new SerializerException(
            $"A message of {_length} bytes exceeds MessagingOptions.MaxMessageBodySize of {bodySizeMax}.");
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _buffer, []));

    private Span<byte> Room(int size) {
        if (_buffer.Length - _length < size) {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_length + size), checked(_length * 2)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        return _buffer.AsSpan(_length);
    }
}
