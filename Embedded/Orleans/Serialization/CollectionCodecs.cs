using System.Collections.Immutable;

namespace Orleans.Embedded;

/// <summary>Codecs of generic framework types. Each method that makes a sequence's codec is found by the collection it is of.</summary>
internal static class CollectionCodecs {
    private static readonly Type[] Tuples =
    [
        typeof(KeyValuePair<,>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>),
        typeof(ValueTuple<,,,,,>), typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>),
    ];

    private static readonly Dictionary<Type, MethodInfo> Makers = typeof(CollectionCodecs).GetMethods()
        .Where(method => method.ReturnType.Name == typeof(SequenceCodec<,>).Name)
        .ToDictionary(method => Definition(method.ReturnType.GetGenericArguments()[0]));

    public static IEnumerable<Type> Definitions => Makers.Keys.Concat(Tuples).Append(typeof(Nullable<>));

    public static bool IsTuple(Type type) => Tuples.Contains(Definition(type));

    public static Codec? Create(Type type) => !Makers.TryGetValue(Definition(type), out var maker) ? null
        : (Codec)maker.MakeGenericMethod(type.IsArray ? [type.GetElementType()!] : type.GetGenericArguments())
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [], null)!;

    public static SequenceCodec<T[], T> Array<T>() => new((items, _) => [.. items]);

    public static SequenceCodec<List<T>, T> List<T>() => new((items, _) => items);

    public static SequenceCodec<HashSet<T>, T> HashSet<T>() => new((items, like) => new(items, like?.Comparer));

    public static SequenceCodec<Queue<T>, T> Queue<T>() => new((items, _) => new(items));

    public static SequenceCodec<Dictionary<K, V>, KeyValuePair<K, V>> Dictionary<K, V>() where K : notnull =>
        new((items, like) => new(items, like?.Comparer));

    public static SequenceCodec<SortedDictionary<K, V>, KeyValuePair<K, V>> SortedDictionary<K, V>() where K : notnull =>
        new((items, like) => new(items.ToDictionary(), like?.Comparer));

    public static SequenceCodec<ImmutableArray<T>, T> ImmutableArray<T>() => new((items, _) => [.. items], immutable: true);

    public static SequenceCodec<ImmutableList<T>, T> ImmutableList<T>() => new((items, _) => [.. items], immutable: true);

    public static SequenceCodec<ImmutableHashSet<T>, T> ImmutableHashSet<T>() =>
        new((items, like) => items.ToImmutableHashSet(like?.KeyComparer), immutable: true);

    public static SequenceCodec<ImmutableDictionary<K, V>, KeyValuePair<K, V>> ImmutableDictionary<K, V>() where K : notnull =>
        new((items, like) => items.ToImmutableDictionary(like?.KeyComparer), immutable: true);

    public static SequenceCodec<ImmutableSortedDictionary<K, V>, KeyValuePair<K, V>> ImmutableSortedDictionary<K, V>()
        where K : notnull => new((items, like) => items.ToImmutableSortedDictionary(like?.KeyComparer), immutable: true);

    private static Type Definition(Type type) => type.IsSZArray ? typeof(Array) : type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
