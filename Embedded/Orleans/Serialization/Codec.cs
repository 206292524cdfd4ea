namespace Orleans.Embedded;

/// <summary>
/// Copies, writes and reads values of one exact type. Values are trees: shared or cyclic references are not kept, and what
/// nests deeper than <see cref="DepthMax"/> is refused.
/// </summary>
internal abstract class Codec
{
    public const int DepthMax = 200;

    /// <summary>True when values can be shared and need no copy.</summary>
    public bool IsImmutable { get; protected init; }

    public abstract object? CopyObject(object? value, int depth);

    public abstract void WriteObject(WireWriter writer, object? value);

    public abstract object? ReadObject(ref WireReader reader);

    public static int Deeper(int depth) => depth < DepthMax ? depth + 1 : throw new SerializerException(
        $"A value nests deeper than {DepthMax} levels, or refers to itself: send a flat value.");
}

internal abstract class Codec<T> : Codec
{
    public abstract T Copy(T value, int depth);

    public abstract void Write(WireWriter writer, T value);

    public abstract T Read(ref WireReader reader);

    public sealed override object? CopyObject(object? value, int depth) => IsImmutable ? value : Copy((T)value!, depth);

    public sealed override void WriteObject(WireWriter writer, object? value) => Write(writer, (T)value!);

    public sealed override object? ReadObject(ref WireReader reader) => Read(ref reader);
}

/// <summary>A codec from functions; without a copying one, values are immutable.</summary>
internal sealed class ValueCodec<T> : Codec<T>
{
    private readonly Action<WireWriter, T> _write;
    private readonly Reading _read;
    private readonly Func<T, T>? _copy;

    public ValueCodec(Action<WireWriter, T> write, Reading read, Func<T, T>? copy = null) =>
        (_write, _read, _copy, IsImmutable) = (write, read, copy, copy is null);

    public delegate T Reading(ref WireReader reader);

    public override T Copy(T value, int depth) => _copy is null ? value : _copy(value);

    public override void Write(WireWriter writer, T value) => _write(writer, value);

    public override T Read(ref WireReader reader) => _read(ref reader);
}

/// <summary>A codec of numbers, characters, GUIDs and enums: their bytes, least significant first.</summary>
internal sealed class RawCodec<T> : Codec<T> where T : unmanaged
{
    public RawCodec() => IsImmutable = true;

    public override T Copy(T value, int depth) => value;

    public override void Write(WireWriter writer, T value) => writer.Raw(value);

    public override T Read(ref WireReader reader) => reader.Raw<T>();
}
