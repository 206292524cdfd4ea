namespace Orleans.Runtime;

/// <summary>Values that flow with calls from grain to grain. What a callee sets does not flow back.</summary>
public static class RequestContext {
    private static readonly AsyncLocal<Dictionary<string, object>?> Values = new();

    internal static Dictionary<string, object>? Current { get => Values.Value; set => Values.Value = value; }

    public static IEnumerable<string> Keys => Current?.Keys ?? Enumerable.Empty<string>();

    public static IEnumerable<KeyValuePair<string, object>> Entries => Current ?? Enumerable.Empty<KeyValuePair<string, object>>();

    public static object? Get(string key) => Current?.GetValueOrDefault(key);

    public static void Set(string key, object value) =>
        Current = new Dictionary<string, object>(Current ?? []) { [key] = value };

    public static bool Remove(string key) {
        if (Current is not { } values || !values.ContainsKey(key)) { return false; }
        var rest = new Dictionary<string, object>(values);
        rest.Remove(key);
        Current = rest.Count == 0 ? null : rest;
        return true;
    }

    public static void Clear() => Current = null;
}
