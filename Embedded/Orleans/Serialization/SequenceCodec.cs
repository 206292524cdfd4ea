namespace Orleans.Embedded;

/// <summary>
/// A collection as its items in order; a copy keeps the comparer of the one it is <c>like</c>. What is read grows with the bytes
/// that are read, not with the announced count.
/// </summary>
internal sealed class SequenceCodec<TCollection, TItem> : Codec<TCollection> where TCollection : IReadOnlyCollection<TItem>
{
    private readonly Codec<TItem> _items = Codecs.For<TItem>();
    private readonly Func<List<TItem>, TCollection?, TCollection> _build;

    public SequenceCodec(Func<List<TItem>, TCollection?, TCollection> build, bool immutable = false) =>
        (_build, IsImmutable) = (build, immutable && _items.IsImmutable);

    public override TCollection Copy(TCollection value, int depth)
    {
        if (IsImmutable || IsNothing(value)) { return value; }
        if (_items.IsImmutable) { return _build([.. value], value); }
        depth = Deeper(depth);
        var copies = new List<TItem>(value.Count);
        foreach (var item in value) { copies.Add(_items.Copy(item, depth)); }
        return _build(copies, value);
    }

    public override void Write(WireWriter writer, TCollection value)
    {
        writer.Bool(!IsNothing(value));
        if (IsNothing(value)) { return; }
        writer.Depth = Deeper(writer.Depth);
        writer.Count(value.Count);
        foreach (var item in value) { _items.Write(writer, item); }
        writer.Depth--;
    }

    public override TCollection Read(ref WireReader reader)
    {
        if (!reader.Bool()) { return default!; }
        reader.Enter();
        var count = reader.Count();
        var items = new List<TItem>(Math.Min(count, 1024));
        for (var i = 0; i < count; i++) { items.Add(_items.Read(ref reader)); }
        reader.Leave();
        return _build(items, default);
    }

    // Null, or an ImmutableArray that was never set.
    private static bool IsNothing(TCollection value) => EqualityComparer<TCollection>.Default.Equals(value, default);
}

internal sealed class NullableCodec<T> : Codec<T?> where T : struct
{
    private readonly Codec<T> _value = Codecs.For<T>();

    public NullableCodec() => IsImmutable = _value.IsImmutable;

    public override T? Copy(T? value, int depth) => value is { } set ? _value.Copy(set, depth) : null;

    public override void Write(WireWriter writer, T? value)
    {
        writer.Bool(value.HasValue);
        if (value is { } set) { _value.Write(writer, set); }
    }

    public override T? Read(ref WireReader reader) => reader.Bool() ? _value.Read(ref reader) : null;
}
