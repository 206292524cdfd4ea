using Microsoft.ML.OnnxRuntime.Tensors;

namespace PiGrid.Inference.Sessions;

/// <summary>The element types of tensors by the names that manifests and outputs use, with their bytes.</summary>
internal static class ElementTypeNames
{
    private static readonly (TensorElementType Type, string Name, int Size)[] All =
    [
        (TensorElementType.Float, "float32", 4), (TensorElementType.Float16, "float16", 2), (TensorElementType.BFloat16, "bfloat16", 2),
        (TensorElementType.Double, "float64", 8), (TensorElementType.UInt8, "uint8", 1), (TensorElementType.Int8, "int8", 1),
        (TensorElementType.UInt16, "uint16", 2), (TensorElementType.Int16, "int16", 2), (TensorElementType.UInt32, "uint32", 4),
        (TensorElementType.Int32, "int32", 4), (TensorElementType.UInt64, "uint64", 8), (TensorElementType.Int64, "int64", 8),
        (TensorElementType.Bool, "bool", 1), (TensorElementType.String, "string", 0),
    ];

    /// <summary>The name of a type; the library's own word in lower case for one that tensors here never have.</summary>
    public static string Of(TensorElementType type)
    {
        var found = Array.Find(All, e => e.Type == type);
        return found.Name ?? type.ToString().ToLowerInvariant();
    }

    /// <summary>The type of a name, strings too; null for an unknown name.</summary>
    public static TensorElementType? TypeOf(string name)
    {
        var found = Array.Find(All, e => e.Name == name);
        return found.Name is null ? null : found.Type;
    }

    /// <summary>The type of a name, and the bytes of one element; null for an unknown name and for strings, which have no fixed size.</summary>
    public static (TensorElementType Type, int Size)? Parse(string name)
    {
        var found = Array.Find(All, e => e.Name == name);
        return found is { Name: not null, Size: > 0 } ? (found.Type, found.Size) : null;
    }
}
