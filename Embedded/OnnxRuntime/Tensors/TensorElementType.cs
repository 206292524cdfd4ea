namespace Microsoft.ML.OnnxRuntime.Tensors;

/// <summary>The type of a tensor's elements (<c>ONNXTensorElementDataType</c>).</summary>
public enum TensorElementType
{
    Float = 1, UInt8 = 2, Int8 = 3, UInt16 = 4, Int16 = 5, Int32 = 6, Int64 = 7, String = 8, Bool = 9, Float16 = 10, Double = 11, UInt32 = 12, UInt64
    = 13, Complex64 = 14, Complex128 = 15, BFloat16 = 16, DataTypeMax = 17,
}

/// <summary>Which .NET type stands for which element type, and its bytes; complex numbers and types below a byte have none.</summary>
internal static class ElementTypes
{
    private static readonly (Type Type, TensorElementType Element, int Size)[] All =
    [
        (typeof(float), TensorElementType.Float, 4), (typeof(byte), TensorElementType.UInt8, 1), (typeof(sbyte), TensorElementType.Int8, 1),
        (typeof(ushort), TensorElementType.UInt16, 2), (typeof(short), TensorElementType.Int16, 2), (typeof(int), TensorElementType.Int32, 4),
        (typeof(long), TensorElementType.Int64, 8), (typeof(string), TensorElementType.String, -1), (typeof(bool), TensorElementType.Bool, 1),
        (typeof(Float16), TensorElementType.Float16, 2), (typeof(double), TensorElementType.Double, 8), (typeof(uint), TensorElementType.UInt32, 4),
        (typeof(ulong), TensorElementType.UInt64, 8), (typeof(BFloat16), TensorElementType.BFloat16, 2),
    ];

    private static readonly Dictionary<Type, TensorElementType> Elements = All.ToDictionary(e => e.Type, e => e.Element);
    private static readonly Dictionary<TensorElementType, (Type Type, int Size)> Types = All.ToDictionary(e => e.Element, e => (e.Type, e.Size));

    /// <exception cref="OnnxRuntimeException">Tensors have no such elements.</exception>
    public static TensorElementType Of(Type type) => Elements.TryGetValue(type, out TensorElementType element) ? element
        : throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"Tensor of type: {type} is not supported");

    /// <exception cref="OnnxRuntimeException">.NET has no such type.</exception>
    public static (Type Type, int Size) Of(TensorElementType element) => Types.TryGetValue(element, out (Type, int) type) ? type
        : throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"Element type: {element} is not registered type.");
}
