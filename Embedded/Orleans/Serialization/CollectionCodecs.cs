using System.Collections.Immutable;

namespace Orleans.Embedded;

/// <summary>Codecs of generic framework types. Each method here makes the codec of the collection that it returns one of.</summary>
internal static class CollectionCodecs
{
    private static readonly Dictionary<Type, MethodInfo> Makers = typeof(CollectionCodecs)
        .GetMethods()
        .Where(method => method.ReturnType.Name == typeof(SequenceCodec<,>).Name && method.Name != nameof(Array))
        .ToDictionary(method => method.ReturnType.GetGenericArguments()[0].GetGenericTypeDefinition());

    private static readonly Type[] Tuples =
    [
        typeof(KeyValuePair<,>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>),
        typeof(ValueTuple<,,,,,>), typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>),
    ];

    /// <summary>The generic types that have codecs here.</summary>
    public static IEnumerable<Type> Definitions => Makers.Keys.Concat(Tuples).Append(typeof(Nullable<>));

    public static SequenceCodec<T[], T> Array<T>() => new((items, _) => [.. items]);

    /// <summary>The codec of a constructed type, or null.</summary>
    public static Codec? Create(Type type)
    {
        var (definition, arguments) = (type.GetGenericTypeDefinition(), type.GetGenericArguments());
        return Makers.TryGetValue(definition, out var maker) ? (Codec)maker.MakeGenericMethod(arguments).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [], null)!
            : definition == typeof(Nullable<>) ? Codecs.Make(typeof(NullableCodec<>), arguments)
            : Tuples.Contains(definition) ? Codecs.Make(typeof(MemberCodec<>), type)
            : null;
    }

    public static SequenceCodec<List<T>, T> List<T>() => new((items, _) => items);

    public static SequenceCodec<HashSet<T>, T> HashSet<T>() => new((items, like) => new(items, like?.Comparer));

    public static SequenceCodec<Queue<T>, T> Queue<T>() => new((items, _) => new(items));

    public static SequenceCodec<Dictionary<K, V>, KeyValuePair<K, V>> Dictionary<K, V>() where K : notnull =>
        new((items, like) => new(items, like?.Comparer));

    public static SequenceCodec<ImmutableArray<T>, T> ImmutableArray<T>() => new((items, _) => [.. items], immutable: true);

    public static SequenceCodec<ImmutableList<T>, T> ImmutableList<T>() => new((items, _) => [.. items], immutable: true);

    public static SequenceCodec<ImmutableHashSet<T>, T> ImmutableHashSet<T>() =>
        new((items, like) => items.ToImmutableHashSet(like?.KeyComparer), immutable: true);

    public static SequenceCodec<ImmutableSortedSet<T>, T> ImmutableSortedSet<T>() =>
        new((items, like) => items.ToImmutableSortedSet(like?.KeyComparer), immutable: true);

    public static SequenceCodec<ImmutableDictionary<K, V>, KeyValuePair<K, V>> ImmutableDictionary<K, V>() where K : notnull =>
        new((items, like) => items.ToImmutableDictionary(like?.KeyComparer), immutable: true);

    public static SequenceCodec<ImmutableSortedDictionary<K, V>, KeyValuePair<K, V>> ImmutableSortedDictionary<K, V>()
        where K : notnull => new((items, like) => items.ToImmutableSortedDictionary(like?.KeyComparer), immutable: true);
}
