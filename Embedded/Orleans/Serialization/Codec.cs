namespace Orleans.Embedded;

/// <summary>Copies, writes and reads values of one exact type. Values are trees: shared or cyclic references are not kept, and what
/// nests deeper than <see cref="DepthMax"/> is refused.</summary>
internal abstract class Codec {
    public const int DepthMax = 200;

    public bool IsImmutable { get; protected init; }

    public abstract object? Copy(object? value, int depth);

    public abstract void Write(WireWriter writer, object? value);

    public abstract object? Read(ref WireReader reader);

    public static int Deeper(int depth) => depth < DepthMax ? depth + 1 : throw new SerializerException(
        $"A value nests deeper than {DepthMax} levels, or refers to itself: send a flat value.");
}

/// <summary>A codec from functions; without a copying one, values are immutable.</summary>
internal sealed class ValueCodec<T> : Codec {
    private readonly Action<WireWriter, T> _write;
    private readonly Reading _read;
    private readonly Func<T, T>? _copy;

    public ValueCodec(Action<WireWriter, T> write, Reading read, Func<T, T>? copy = null) =>
        (_write, _read, _copy, IsImmutable) = (write, read, copy, copy is null);

    public delegate T Reading(ref WireReader reader);

    public override object? Copy(object? value, int depth) => _copy is null ? value : _copy((T)value!);

    public override void Write(WireWriter writer, object? value) => _write(writer, (T)value!);

    public override object? Read(ref WireReader reader) => _read(ref reader);
}

/// <summary>A value that may be null: whether it is there goes before it.</summary>
internal sealed class NullableCodec : Codec {
    private readonly Codec _value;

    public NullableCodec(Codec value) => (_value, IsImmutable) = (value, value.IsImmutable);

    public override object? Copy(object? value, int depth) => value is null ? null : _value.Copy(value, depth);

    public override void Write(WireWriter writer, object? value) {
        writer.Bool(value is not null);
        if (value is not null) { _value.Write(writer, value); }
    }

    public override object? Read(ref WireReader reader) => reader.Bool() ? _value.Read(ref reader) : null;
}
