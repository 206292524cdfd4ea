namespace Orleans.Embedded;

/// <summary>A collection as its items in order. What is read grows with the bytes that are read, not with the announced count.</summary>
internal sealed class SequenceCodec<TCollection, TItem, TShape> : Codec<TCollection>
    where TShape : IShape<TCollection, TItem>
{
    private readonly Codec<TItem> _items = Codecs.For<TItem>();

    public SequenceCodec() => IsImmutable = TShape.IsImmutable && _items.IsImmutable;

    public override TCollection Copy(TCollection value, int depth)
    {
        if (value is null || IsImmutable) { return value; }
        depth = Deeper(depth);
        var copies = new List<TItem>(TShape.Count(value));
        foreach (var item in TShape.Items(value)) { copies.Add(_items.Copy(item, depth)); }
        return TShape.Build(copies, value);
    }

    public override void Write(WireWriter writer, TCollection value)
    {
        writer.Bool(value is not null);
        if (value is null) { return; }
        writer.Depth = Deeper(writer.Depth);
        writer.Count(TShape.Count(value));
        foreach (var item in TShape.Items(value)) { _items.Write(writer, item); }
        writer.Depth--;
    }

    public override TCollection Read(ref WireReader reader)
    {
        if (!reader.Bool()) { return default!; }
        var items = ReadItems(_items, ref reader);
        try { return TShape.Build(items, default); }
        catch (ArgumentException failure) { throw new SerializerException($"These items make no {typeof(TCollection)}.", failure); }
    }

    public static List<TItem> ReadItems(Codec<TItem> codec, ref WireReader reader)
    {
        reader.Enter();
        var count = reader.Count();
        var items = new List<TItem>(Math.Min(count, 1024));
        for (var i = 0; i < count; i++) { items.Add(codec.Read(ref reader)); }
        reader.Leave();
        return items;
    }
}

/// <summary>An array of one dimension.</summary>
internal sealed class ArrayCodec<T> : Codec<T[]?>
{
    private readonly Codec<T> _items = Codecs.For<T>();

    public override T[]? Copy(T[]? value, int depth)
    {
        if (value is null or []) { return value; }
        var copy = (T[])value.Clone();
        for (var i = 0; i < copy.Length && !_items.IsImmutable; i++) { copy[i] = _items.Copy(copy[i], depth + 1); }
        return copy;
    }

    public override void Write(WireWriter writer, T[]? value)
    {
        writer.Bool(value is not null);
        if (value is null) { return; }
        writer.Count(value.Length);
        foreach (var item in value) { _items.Write(writer, item); }
    }

    public override T[]? Read(ref WireReader reader) => reader.Bool()
        ? [.. SequenceCodec<List<T>, T, ListShape<T>>.ReadItems(_items, ref reader)]
        : null;
}
