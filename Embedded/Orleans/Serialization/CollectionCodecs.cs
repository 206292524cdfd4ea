using System.Collections.Immutable;

namespace Orleans.Embedded;

/// <summary>Codecs of generic framework types: each collection is read and copied as the sequence of its items.</summary>
internal static class CollectionCodecs
{
    private static readonly Dictionary<Type, Type> Shapes = new()
    {
        [typeof(List<>)] = typeof(ListShape<>),
        [typeof(HashSet<>)] = typeof(HashSetShape<>),
        [typeof(SortedSet<>)] = typeof(SortedSetShape<>),
        [typeof(Queue<>)] = typeof(QueueShape<>),
        [typeof(Stack<>)] = typeof(StackShape<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryShape<,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaryShape<,>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayShape<>),
        [typeof(ImmutableList<>)] = typeof(ImmutableListShape<>),
        [typeof(ImmutableHashSet<>)] = typeof(ImmutableHashSetShape<>),
        [typeof(ImmutableSortedSet<>)] = typeof(ImmutableSortedSetShape<>),
        [typeof(ImmutableDictionary<,>)] = typeof(ImmutableDictionaryShape<,>),
        [typeof(ImmutableSortedDictionary<,>)] = typeof(ImmutableSortedDictionaryShape<,>),
    };

    private static readonly Type[] Tuples =
    [
        typeof(KeyValuePair<,>), typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>),
        typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(Tuple<>), typeof(Tuple<,>),
        typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>),
    ];

    /// <summary>The generic types that have codecs here.</summary>
    public static IEnumerable<Type> Definitions => Shapes.Keys.Concat(Tuples);

    /// <summary>The codec of a constructed type, or null.</summary>
    public static Codec? Create(Type type)
    {
        var definition = type.GetGenericTypeDefinition();
        var arguments = type.GetGenericArguments();
        if (Shapes.TryGetValue(definition, out var shape))
        {
            var item = arguments.Length == 1 ? arguments[0] : typeof(KeyValuePair<,>).MakeGenericType(arguments);
            return Codecs.Make(typeof(SequenceCodec<,,>), type, item, shape.MakeGenericType(arguments));
        }
        return definition == typeof(Nullable<>) ? Codecs.Make(typeof(NullableCodec<>), arguments)
            : Tuples.Contains(definition) ? Codecs.Make(typeof(MemberCodec<>), type)
            : null;
    }
}

/// <summary>How a collection is taken apart and put together; <c>like</c> is the copied one, whose comparer is kept.</summary>
internal interface IShape<TCollection, TItem>
{
    static abstract bool IsImmutable { get; }

    static abstract int Count(TCollection collection);

    static abstract IEnumerable<TItem> Items(TCollection collection);

    static abstract TCollection Build(List<TItem> items, TCollection? like);
}
