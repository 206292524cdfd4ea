using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A tensor's element type and shape.</summary>
public unsafe struct OrtTensorTypeAndShapeInfo
{
    /// <summary>Reads a native <c>OrtTensorTypeAndShapeInfo</c>, which stays the caller's.</summary>
    internal OrtTensorTypeAndShapeInfo(nint info)
    {
        Api api = Api.Current;
        int type;
        nuint count, rank;
        Status.Verify(api.GetTensorElementType(info, &type));
        Status.Verify(api.GetTensorShapeElementCount(info, &count));
        Status.Verify(api.GetDimensionsCount(info, &rank));
        var shape = new long[rank];
        fixed (long* first = shape)
        {
            Status.Verify(api.GetDimensions(info, first, rank));
        }
        ElementDataType = (TensorElementType)type;
        ElementCount = (long)count;
        Shape = shape;
    }

    public TensorElementType ElementDataType { get; private set; }

    public readonly bool IsString => ElementDataType == TensorElementType.String;

    public long ElementCount { get; private set; }

    public readonly int DimensionsCount => Shape.Length;

    /// <summary>Sizes of the dimensions, outermost first; empty for a scalar.</summary>
    public long[] Shape { get; private set; }
}
