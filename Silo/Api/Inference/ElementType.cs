using System.Collections.Frozen;

namespace PiGrid.Silo.Api.Inference;

/// <summary>The element types of the Open Inference Protocol.</summary>
internal enum ElementType
{
    /// <summary>A byte, 0 or 1.</summary>
    Bool,

    /// <summary>8 bits, unsigned.</summary>
    UInt8,

    /// <summary>16 bits, unsigned.</summary>
    UInt16,

    /// <summary>32 bits, unsigned.</summary>
    UInt32,

    /// <summary>64 bits, unsigned.</summary>
    UInt64,

    /// <summary>8 bits.</summary>
    Int8,

    /// <summary>16 bits.</summary>
    Int16,

    /// <summary>32 bits.</summary>
    Int32,

    /// <summary>64 bits.</summary>
    Int64,

    /// <summary>IEEE 754, 16 bits.</summary>
    Fp16,

    /// <summary>IEEE 754, 32 bits.</summary>
    Fp32,

    /// <summary>IEEE 754, 64 bits.</summary>
    Fp64,

    /// <summary>The upper half of 32-bit floats.</summary>
    Bf16,

    /// <summary>Runs of bytes, such as text; in binary each follows its length, 4 bytes little-endian.</summary>
    Bytes,
}

/// <summary>What the element types are called, here and in manifests, and their sizes.</summary>
internal static class ElementTypes
{
    private static readonly (ElementType Type, string Name, string GridName, int Size)[] All =
    [
        (ElementType.Bool, "BOOL", "bool", 1),
        (ElementType.UInt8, "UINT8", "uint8", 1),
        (ElementType.UInt16, "UINT16", "uint16", 2),
        (ElementType.UInt32, "UINT32", "uint32", 4),
        (ElementType.UInt64, "UINT64", "uint64", 8),
        (ElementType.Int8, "INT8", "int8", 1),
        (ElementType.Int16, "INT16", "int16", 2),
        (ElementType.Int32, "INT32", "int32", 4),
        (ElementType.Int64, "INT64", "int64", 8),
        (ElementType.Fp16, "FP16", "float16", 2),
        (ElementType.Fp32, "FP32", "float32", 4),
        (ElementType.Fp64, "FP64", "float64", 8),
        (ElementType.Bf16, "BF16", "bfloat16", 2),
        (ElementType.Bytes, "BYTES", "string", 0),
    ];

    private static readonly FrozenDictionary<string, ElementType> ByName = All.ToFrozenDictionary(e => e.Name, e => e.Type);
    private static readonly FrozenDictionary<string, ElementType> ByGridName = All.ToFrozenDictionary(e => e.GridName, e => e.Type);

    /// <summary>The names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(e => e.Name));

    /// <summary>The type that the protocol calls so; null when there is none.</summary>
    public static ElementType? Parse(string name) => ByName.TryGetValue(name, out var type) ? type : null;

    /// <summary>The type that manifests call so; null when there is none.</summary>
    public static ElementType? OfGrid(string name) => ByGridName.TryGetValue(name, out var type) ? type : null;

    /// <summary>The protocol's name.</summary>
    public static string NameOf(ElementType type) => All[(int)type].Name;

    /// <summary>The name in manifests and tensors of the grid.</summary>
    public static string GridNameOf(ElementType type) => All[(int)type].GridName;

    /// <summary>The bytes of one element; 0 for <see cref="ElementType.Bytes"/>, which differ.</summary>
    public static int SizeOf(ElementType type) => All[(int)type].Size;
}
