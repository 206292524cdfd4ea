namespace Orleans.Embedded;

/// <summary>
/// Copies, writes and reads values of one exact type. Values are trees: shared or cyclic references are not kept, and what
/// nests deeper than <see cref="DepthMax"/> is refused.
/// </summary>
internal abstract class Codec
{
    public const int DepthMax = 200;

    /// <summary>True when values can be shared and need no copy.</summary>
    public bool IsImmutable { get; protected set; }

    public abstract object? CopyObject(object? value, int depth);

    public abstract void WriteObject(WireWriter writer, object? value);

    public abstract object? ReadObject(ref WireReader reader);
}

internal abstract class Codec<T> : Codec
{
    public abstract T Copy(T value, int depth);

    public abstract void Write(WireWriter writer, T value);

    public abstract T Read(ref WireReader reader);

    public sealed override object? CopyObject(object? value, int depth) => IsImmutable ? value : Copy((T)value!, depth);

    public sealed override void WriteObject(WireWriter writer, object? value) => Write(writer, (T)value!);

    public sealed override object? ReadObject(ref WireReader reader) => Read(ref reader);

    protected static int Deeper(int depth) => depth < DepthMax
        ? depth + 1
        : throw new Orleans.Serialization.SerializerException(
            $"A value of type {typeof(T)} nests deeper than {DepthMax} levels, or refers to itself: send a flat value.");
}

/// <summary>A codec of immutable values from two functions.</summary>
internal sealed class ValueCodec<T> : Codec<T>
{
    public delegate T Reading(ref WireReader reader);

    private readonly Action<WireWriter, T> _write;
    private readonly Reading _read;

    public ValueCodec(Action<WireWriter, T> write, Reading read)
    {
        (_write, _read) = (write, read);
        IsImmutable = true;
    }

    public override T Copy(T value, int depth) => value;

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

internal sealed class NullableCodec<T> : Codec<T?> where T : struct
{
    private readonly Codec<T> _value = Codecs.For<T>();

    public NullableCodec() => IsImmutable = _value.IsImmutable;

    public override T? Copy(T? value, int depth) => value is { } set ? _value.Copy(set, Deeper(depth)) : null;

    public override void Write(WireWriter writer, T? value)
    {
        writer.Bool(value.HasValue);
        if (value is { } set) { _value.Write(writer, set); }
    }

    public override T? Read(ref WireReader reader) => reader.Bool() ? _value.Read(ref reader) : null;
}
