namespace Orleans.Embedded;

/// <summary>The result of a method without one.</summary>
internal readonly record struct Unit;

/// <summary>The activation whose turn runs on this thread.</summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static Activation? _current;

    public static IGrainContext? Current => _current;

    public static void Set(Activation? activation) => _current = activation;
}
