namespace PiGrid.Client;

/// <summary>What the Open Inference Protocol calls the element types of .NET.</summary>
internal static class ElementName
{
    /// <summary>Runs of bytes, each behind its length: texts, pictures.</summary>
    public const string Bytes = "BYTES";

    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(bool)] = "BOOL",
        [typeof(byte)] = "UINT8",
        [typeof(ushort)] = "UINT16",
        [typeof(uint)] = "UINT32",
        [typeof(ulong)] = "UINT64",
        [typeof(sbyte)] = "INT8",
        [typeof(short)] = "INT16",
        [typeof(int)] = "INT32",
        [typeof(long)] = "INT64",
        [typeof(Half)] = "FP16",
        [typeof(float)] = "FP32",
        [typeof(double)] = "FP64",
    };

    /// <summary>The protocol's name.</summary>
    /// <exception cref="NotSupportedException">The protocol has no such type.</exception>
    public static string Of<T>()
        where T : unmanaged => Names.TryGetValue(typeof(T), out var name)
        ? name
        : throw new NotSupportedException($"The Open Inference Protocol has no tensors of {typeof(T).Name}; it has those of {string.Join(", ", Names.Keys.Select(t => t.Name))}.");
}
