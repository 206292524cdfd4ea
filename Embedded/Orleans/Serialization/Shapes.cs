using System.Collections.Immutable;

namespace Orleans.Embedded;

internal sealed class ListShape<T> : IShape<List<T>, T>
{
    public static bool IsImmutable => false;

    public static int Count(List<T> collection) => collection.Count;

    public static IEnumerable<T> Items(List<T> collection) => collection;

    public static List<T> Build(List<T> items, List<T>? like) => items;
}

internal sealed class HashSetShape<T> : IShape<HashSet<T>, T>
{
    public static bool IsImmutable => false;

    public static int Count(HashSet<T> collection) => collection.Count;

    public static IEnumerable<T> Items(HashSet<T> collection) => collection;

    public static HashSet<T> Build(List<T> items, HashSet<T>? like) => new(items, like?.Comparer);
}

internal sealed class SortedSetShape<T> : IShape<SortedSet<T>, T>
{
    public static bool IsImmutable => false;

    public static int Count(SortedSet<T> collection) => collection.Count;

    public static IEnumerable<T> Items(SortedSet<T> collection) => collection;

    public static SortedSet<T> Build(List<T> items, SortedSet<T>? like) => new(items, like?.Comparer);
}

internal sealed class QueueShape<T> : IShape<Queue<T>, T>
{
    public static bool IsImmutable => false;

    public static int Count(Queue<T> collection) => collection.Count;

    public static IEnumerable<T> Items(Queue<T> collection) => collection;

    public static Queue<T> Build(List<T> items, Queue<T>? like) => new(items);
}

internal sealed class StackShape<T> : IShape<Stack<T>, T>
{
    public static bool IsImmutable => false;

    public static int Count(Stack<T> collection) => collection.Count;

    public static IEnumerable<T> Items(Stack<T> collection) => collection.Reverse();

    public static Stack<T> Build(List<T> items, Stack<T>? like) => new(items);
}

internal sealed class DictionaryShape<TKey, TValue> : IShape<Dictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> where TKey : notnull
{
    public static bool IsImmutable => false;

    public static int Count(Dictionary<TKey, TValue> collection) => collection.Count;

    public static IEnumerable<KeyValuePair<TKey, TValue>> Items(Dictionary<TKey, TValue> collection) => collection;

    public static Dictionary<TKey, TValue> Build(List<KeyValuePair<TKey, TValue>> items, Dictionary<TKey, TValue>? like) => new(items, like?.Comparer);
}

internal sealed class SortedDictionaryShape<TKey, TValue> : IShape<SortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> where TKey : notnull
{
    public static bool IsImmutable => false;

    public static int Count(SortedDictionary<TKey, TValue> collection) => collection.Count;

    public static IEnumerable<KeyValuePair<TKey, TValue>> Items(SortedDictionary<TKey, TValue> collection) => collection;

    public static SortedDictionary<TKey, TValue> Build(List<KeyValuePair<TKey, TValue>> items, SortedDictionary<TKey, TValue>? like) => new(items.ToDictionary(), like?.Comparer);
}

internal sealed class ImmutableListShape<T> : IShape<ImmutableList<T>, T>
{
    public static bool IsImmutable => true;

    public static int Count(ImmutableList<T> collection) => collection.Count;

    public static IEnumerable<T> Items(ImmutableList<T> collection) => collection;

    public static ImmutableList<T> Build(List<T> items, ImmutableList<T>? like) => [.. items];
}

internal sealed class ImmutableHashSetShape<T> : IShape<ImmutableHashSet<T>, T>
{
    public static bool IsImmutable => true;

    public static int Count(ImmutableHashSet<T> collection) => collection.Count;

    public static IEnumerable<T> Items(ImmutableHashSet<T> collection) => collection;

    public static ImmutableHashSet<T> Build(List<T> items, ImmutableHashSet<T>? like) => items.ToImmutableHashSet(like?.KeyComparer);
}

internal sealed class ImmutableSortedSetShape<T> : IShape<ImmutableSortedSet<T>, T>
{
    public static bool IsImmutable => true;

    public static int Count(ImmutableSortedSet<T> collection) => collection.Count;

    public static IEnumerable<T> Items(ImmutableSortedSet<T> collection) => collection;

    public static ImmutableSortedSet<T> Build(List<T> items, ImmutableSortedSet<T>? like) => items.ToImmutableSortedSet(like?.KeyComparer);
}

internal sealed class ImmutableDictionaryShape<TKey, TValue> : IShape<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> where TKey : notnull
{
    public static bool IsImmutable => true;

    public static int Count(ImmutableDictionary<TKey, TValue> collection) => collection.Count;

    public static IEnumerable<KeyValuePair<TKey, TValue>> Items(ImmutableDictionary<TKey, TValue> collection) => collection;

    public static ImmutableDictionary<TKey, TValue> Build(List<KeyValuePair<TKey, TValue>> items, ImmutableDictionary<TKey, TValue>? like) => items.ToImmutableDictionary(like?.KeyComparer);
}

internal sealed class ImmutableSortedDictionaryShape<TKey, TValue> : IShape<ImmutableSortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> where TKey : notnull
{
    public static bool IsImmutable => true;

    public static int Count(ImmutableSortedDictionary<TKey, TValue> collection) => collection.Count;

    public static IEnumerable<KeyValuePair<TKey, TValue>> Items(ImmutableSortedDictionary<TKey, TValue> collection) => collection;

    public static ImmutableSortedDictionary<TKey, TValue> Build(List<KeyValuePair<TKey, TValue>> items, ImmutableSortedDictionary<TKey, TValue>? like) => items.ToImmutableSortedDictionary(like?.KeyComparer);
}

internal sealed class ImmutableArrayShape<T> : IShape<ImmutableArray<T>, T>
{
    public static bool IsImmutable => true;

    public static int Count(ImmutableArray<T> collection) => collection.IsDefault ? 0 : collection.Length;

    public static IEnumerable<T> Items(ImmutableArray<T> collection) => collection.IsDefault ? [] : collection;

    public static ImmutableArray<T> Build(List<T> items, ImmutableArray<T> like) => [.. items];
}
