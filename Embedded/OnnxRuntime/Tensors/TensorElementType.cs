namespace Microsoft.ML.OnnxRuntime.Tensors;

/// <summary>The type of a tensor's elements (<c>ONNXTensorElementDataType</c>).</summary>
public enum TensorElementType
{
    Float = 1, UInt8 = 2, Int8 = 3, UInt16 = 4, Int16 = 5, Int32 = 6, Int64 = 7, String = 8, Bool = 9, Float16 = 10, Double = 11,
    UInt32 = 12, UInt64 = 13, Complex64 = 14, Complex128 = 15, BFloat16 = 16, DataTypeMax = 17,
}

/// <summary>Which element type stands for which .NET type, and how many bytes an element has.</summary>
internal static class ElementTypes
{
    private static readonly Dictionary<Type, TensorElementType> Elements = new()
    {
        [typeof(float)] = TensorElementType.Float, [typeof(double)] = TensorElementType.Double,
        [typeof(Float16)] = TensorElementType.Float16, [typeof(bool)] = TensorElementType.Bool,
        [typeof(byte)] = TensorElementType.UInt8, [typeof(sbyte)] = TensorElementType.Int8,
        [typeof(ushort)] = TensorElementType.UInt16, [typeof(short)] = TensorElementType.Int16,
        [typeof(uint)] = TensorElementType.UInt32, [typeof(int)] = TensorElementType.Int32,
        [typeof(ulong)] = TensorElementType.UInt64, [typeof(long)] = TensorElementType.Int64,
    };

    /// <exception cref="OnnxRuntimeException">Tensors have no such elements.</exception>
    public static TensorElementType Of(Type type) => Elements.TryGetValue(type, out TensorElementType element) ? element
        : throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"Tensor of type: {type} is not supported");

    /// <exception cref="OnnxRuntimeException">The elements have no fixed size, or one that is unknown here.</exception>
    public static int Size(TensorElementType element) => element switch
    {
        TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool => 1,
        TensorElementType.UInt16 or TensorElementType.Int16 or TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
        TensorElementType.UInt32 or TensorElementType.Int32 or TensorElementType.Float => 4,
        TensorElementType.UInt64 or TensorElementType.Int64 or TensorElementType.Double => 8,
        _ => throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"Elements of type: {element} cannot be read as bytes"),
    };
}
