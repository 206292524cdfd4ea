namespace Orleans.Embedded;

/// <summary>The result of a method without one.</summary>
internal readonly record struct Unit;

/// <summary>The activation whose turn runs on this thread.</summary>
internal static class RuntimeContext {
    [field: ThreadStatic]
    public static Activation? Current { get; set; }
}
