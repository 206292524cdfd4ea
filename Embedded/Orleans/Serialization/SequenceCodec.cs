namespace Orleans.Embedded;

/// <summary>A collection as its items in order; a copy keeps the comparer of the one it is <c>like</c>. What is read grows with the bytes
/// that are read, not with the announced count.</summary>
internal sealed class SequenceCodec<TCollection, TItem> : Codec where TCollection : IReadOnlyCollection<TItem> {
    private readonly Codec _items = Codecs.For(typeof(TItem));
    private readonly Func<List<TItem>, TCollection?, TCollection> _build;

    public SequenceCodec(Func<List<TItem>, TCollection?, TCollection> build, bool immutable = false) =>
        (_build, IsImmutable) = (build, immutable && _items.IsImmutable);

    public override object? Copy(object? value, int depth) {
        var from = (TCollection)value!;
        if (IsImmutable || IsUnset(from)) { return value; }
        if (_items.IsImmutable) { return _build([.. from], from); }
        depth = Deeper(depth);
        return _build([.. from.Select(item => (TItem)_items.Copy(item, depth)!)], from);
    }

    public override void Write(WireWriter writer, object? value) {
        var from = (TCollection)value!;
        writer.Depth = Deeper(writer.Depth);
        writer.Count(IsUnset(from) ? 0 : from.Count);
        foreach (var item in IsUnset(from) ? [] : (IReadOnlyCollection<TItem>)from) { _items.Write(writer, item); }
        writer.Depth--;
    }

    public override object? Read(ref WireReader reader) {
        reader.Enter();
        var count = reader.Count();
        var items = new List<TItem>(Math.Min(count, 1024));
        for (var i = 0; i < count; i++) { items.Add((TItem)_items.Read(ref reader)!); }
        reader.Leave();
        return _build(items, default);
    }

    // An ImmutableArray that was never set; it is read back as an empty one.
    private static bool IsUnset(TCollection value) => typeof(TCollection).IsValueType && EqualityComparer<TCollection>.Default.Equals(value, default);
}
