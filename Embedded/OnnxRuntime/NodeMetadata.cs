using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>What a model says about one of its inputs or outputs.</summary>
public unsafe class NodeMetadata
{
    private readonly TensorElementType _elementType;
    private readonly int[] _dimensions = [];
    private readonly string[] _symbolicDimensions = [];

    /// <summary>Reads a native <c>OrtTypeInfo</c>, which stays the caller's.</summary>
    internal NodeMetadata(nint typeInfo)
    {
        Api api = Api.Current;
        int valueType;
        Status.Verify(api.GetOnnxTypeFromTypeInfo(typeInfo, &valueType));
        OnnxValueType = (OnnxValueType)valueType;
        if (!IsTensor)
        {
            return;
        }
        // The tensor's part belongs to the type info and is freed with it.
        nint tensor;
        int elementType;
        nuint rank;
        Status.Verify(api.CastTypeInfoToTensorInfo(typeInfo, &tensor));
        Status.Verify(api.GetTensorElementType(tensor, &elementType));
        Status.Verify(api.GetDimensionsCount(tensor, &rank));
        var sizes = new long[rank];
        var names = new nint[rank];
        fixed (long* firstSize = sizes)
        fixed (nint* firstName = names)
        {
            Status.Verify(api.GetDimensions(tensor, firstSize, rank));
            Status.Verify(api.GetSymbolicDimensions(tensor, (byte**)firstName, rank));
        }
        _elementType = (TensorElementType)elementType;
        _dimensions = Array.ConvertAll(sizes, size => (int)size);
        _symbolicDimensions = Array.ConvertAll(names, name => Utf8.Text((byte*)name));
    }

    public OnnxValueType OnnxValueType { get; }

    public bool IsTensor => OnnxValueType is OnnxValueType.ONNX_TYPE_TENSOR or OnnxValueType.ONNX_TYPE_SPARSETENSOR;

    public TensorElementType ElementDataType => Tensor()._elementType;

    /// <summary>The elements' .NET type.</summary>
    public Type ElementType => ElementTypes.Of(ElementDataType).Type;

    public bool IsString => ElementDataType == TensorElementType.String;

    /// <summary>Sizes, outermost first; -1 where the model leaves one open.</summary>
    public int[] Dimensions => Tensor()._dimensions;

    /// <summary>The names of open sizes; empty text where a size is fixed or has no name.</summary>
    public string[] SymbolicDimensions => Tensor()._symbolicDimensions;

    private NodeMetadata Tensor() => IsTensor ? this
        : throw new OnnxRuntimeException(ErrorCode.Fail, "OnnxValueType must either be a tensor or sparse tensor");
}
