namespace Microsoft.ML.OnnxRuntime;

/// <summary>How far the graph is rewritten before it runs; results differ slightly between levels.</summary>
public enum GraphOptimizationLevel
{
    ORT_DISABLE_ALL = 0, ORT_ENABLE_BASIC = 1, ORT_ENABLE_EXTENDED = 2, ORT_ENABLE_ALL = 99,
}

/// <summary>Whether independent branches of a graph run one after another or at once.</summary>
public enum ExecutionMode
{
    ORT_SEQUENTIAL = 0,
}

/// <summary>The least severe message that is still written.</summary>
public enum OrtLoggingLevel
{
    ORT_LOGGING_LEVEL_WARNING = 2, ORT_LOGGING_LEVEL_FATAL = 4,
}

/// <summary>What a value of a model holds.</summary>
public enum OnnxValueType
{
    ONNX_TYPE_UNKNOWN = 0, ONNX_TYPE_TENSOR = 1, ONNX_TYPE_SEQUENCE = 2, ONNX_TYPE_MAP = 3, ONNX_TYPE_OPAQUE = 4,
    ONNX_TYPE_SPARSETENSOR = 5, ONNX_TYPE_OPTIONAL = 6,
}

/// <summary>Options of the CoreML provider.</summary>
[Flags]
public enum CoreMLFlags : uint
{
    COREML_FLAG_USE_NONE = 0,
}
