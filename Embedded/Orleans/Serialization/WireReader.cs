using System.Runtime.InteropServices;

namespace Orleans.Embedded;

/// <summary>
/// Reads one frame. Nothing in it is trusted: each length is checked against what is left, so that memory taken stays in
/// proportion to bytes received, and types come from the known ones only.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> frame, GrainRuntime runtime)
{
    private ReadOnlySpan<byte> _rest = frame;
    private List<string>? _types;
    private int _depth;

    /// <summary>What grain references that are read belong to.</summary>
    public readonly GrainRuntime Runtime { get; } = runtime;

    public readonly int Remaining => _rest.Length;

    public T Raw<T>() where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()));

    public bool Bool() => Raw<byte>() switch
    {
        0 => false,
        1 => true,
        var other => throw new SerializerException($"A flag is 0 or 1, not {other}."),
    };

    /// <summary>A non-negative number that fits an int.</summary>
    public int Number()
    {
        long value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = Raw<byte>();
            value |= (long)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value <= int.MaxValue ? (int)value : throw new SerializerException($"The number {value} is too large.");
            }
        }
        throw new SerializerException("A number has too many bytes.");
    }

    /// <summary>A count of items, each of which takes at least one byte.</summary>
    public int Count()
    {
        var count = Number();
        return count <= _rest.Length
            ? count
            : throw new SerializerException($"{count} items are announced where {_rest.Length} bytes are left.");
    }

    public ReadOnlySpan<byte> Bytes() => Take(Number());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>A part whose length goes before it.</summary>
    public ReadOnlySpan<byte> Block()
    {
        var size = Raw<int>();
        return size >= 0 ? Take(size) : throw new SerializerException($"A length is not {size}.");
    }

    public string? NullableText() => Bool() ? Text() : null;

    public string TypeName()
    {
        var index = Number();
        _types ??= [];
        if (index == 0)
        {
            _types.Add(Text());
            return _types[^1];
        }
        return index <= _types.Count ? _types[index - 1] : throw new SerializerException($"There is no type number {index}.");
    }

    public void Enter()
    {
        if (++_depth > Codec.DepthMax) { throw new SerializerException($"A value nests deeper than {Codec.DepthMax} levels."); }
    }

    public void Leave() => _depth--;

    private ReadOnlySpan<byte> Take(int size)
    {
        if (size > _rest.Length) { throw new SerializerException($"{size} bytes are announced where {_rest.Length} are left."); }
        var taken = _rest[..size];
        _rest = _rest[size..];
        return taken;
    }
}
