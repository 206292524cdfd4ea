using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>What a model says about one of its inputs or outputs.</summary>
public unsafe class NodeMetadata
{
    private readonly OrtTensorTypeAndShapeInfo _tensor;

    /// <summary>Reads a native <c>OrtTypeInfo</c>, which stays the caller's.</summary>
    internal NodeMetadata(nint typeInfo)
    {
        int valueType;
        Status.Verify(Api.Current.GetOnnxTypeFromTypeInfo(typeInfo, &valueType));
        OnnxValueType = (OnnxValueType)valueType;
        if (IsTensor)
        {
            nint tensor; // belongs to the type info and is freed with it
            Status.Verify(Api.Current.CastTypeInfoToTensorInfo(typeInfo, &tensor));
            _tensor = new OrtTensorTypeAndShapeInfo(tensor);
        }
    }

    /// <summary>What it holds.</summary>
    public OnnxValueType OnnxValueType { get; }

    /// <summary>Whether it holds a tensor; only then it has an element type and dimensions.</summary>
    public bool IsTensor => OnnxValueType is OnnxValueType.ONNX_TYPE_TENSOR or OnnxValueType.ONNX_TYPE_SPARSETENSOR;

    /// <summary>The elements' type.</summary>
    public TensorElementType ElementDataType => Tensor.ElementDataType;

    /// <summary>Sizes, outermost first; -1 where the model leaves one open.</summary>
    public int[] Dimensions => Array.ConvertAll(Tensor.Shape, size => (int)size);

    private OrtTensorTypeAndShapeInfo Tensor => IsTensor ? _tensor
        : throw new OnnxRuntimeException(ErrorCode.Fail, "OnnxValueType must either be a tensor or sparse tensor");
}

/// <summary>A tensor's element type and shape.</summary>
public unsafe struct OrtTensorTypeAndShapeInfo
{
    /// <summary>Reads a native <c>OrtTensorTypeAndShapeInfo</c>, which stays the caller's.</summary>
    internal OrtTensorTypeAndShapeInfo(nint info)
    {
        int type;
        nuint rank;
        Status.Verify(Api.Current.GetTensorElementType(info, &type));
        Status.Verify(Api.Current.GetDimensionsCount(info, &rank));
        ElementDataType = (TensorElementType)type;
        Shape = new long[rank];
        fixed (long* first = Shape)
        {
            Status.Verify(Api.Current.GetDimensions(info, first, rank));
        }
    }

    /// <summary>The elements' type.</summary>
    public TensorElementType ElementDataType { get; private set; }

    /// <summary>Sizes of the dimensions, outermost first; empty for a scalar.</summary>
    public long[] Shape { get; private set; }
}
