using System.Runtime.InteropServices;

namespace Orleans.Embedded;

/// <summary>Reads one frame. Nothing in it is trusted: each length is checked against what is left, so that memory taken stays in
/// proportion to bytes received, and types come from the known ones only.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> frame, GrainRuntime runtime) {
    private ReadOnlySpan<byte> _rest = frame;
    private int _depth;

    public readonly GrainRuntime Runtime { get; } = runtime;

    public T Raw<T>() where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()));

    public bool Bool() => Raw<byte>() is var flag && flag <= 1 ? flag == 1 : throw new SerializerException($"A flag is not {flag}.");

    public int Number() {
        long value = 0;
        for (var shift = 0; shift < 35; shift += 7) {
            var part = Raw<byte>();
            value |= (long)(part & 0x7F) << shift;
            if (part < 0x80 && value <= int.MaxValue) { return (int)value; }
        }
        throw new SerializerException("A number is too large.");
    }

    public int Count() => Number() is var count && count <= _rest.Length ? count
        : throw new SerializerException($"{count} items are announced where {_rest.Length} bytes are left.");

    public ReadOnlySpan<byte> Bytes() => Take(Number());

    public ReadOnlySpan<byte> Block() => Take(Raw<int>());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public void Enter() => _depth = Codec.Deeper(_depth);

    public void Leave() => _depth--;

    private ReadOnlySpan<byte> Take(int size) {
        if (size < 0 || size > _rest.Length) {
            throw new SerializerException($"{size} bytes are announced where {_rest.Length} are left.");
        }
        var taken = _rest[..size];
        _rest = _rest[size..];
        return taken;
    }
}
