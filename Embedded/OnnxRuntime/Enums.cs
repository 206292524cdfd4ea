namespace Microsoft.ML.OnnxRuntime;

/// <summary>How far the graph is rewritten before it runs; results differ slightly between levels.</summary>
public enum GraphOptimizationLevel
{
    ORT_DISABLE_ALL = 0, ORT_ENABLE_BASIC = 1, ORT_ENABLE_EXTENDED = 2, ORT_ENABLE_LAYOUT = 3, ORT_ENABLE_ALL = 99,
}

/// <summary>Whether independent branches of a graph run one after another or at once.</summary>
public enum ExecutionMode
{
    ORT_SEQUENTIAL = 0, ORT_PARALLEL = 1,
}

/// <summary>The least severe message that is still written.</summary>
public enum OrtLoggingLevel
{
    ORT_LOGGING_LEVEL_VERBOSE = 0, ORT_LOGGING_LEVEL_INFO = 1, ORT_LOGGING_LEVEL_WARNING = 2, ORT_LOGGING_LEVEL_ERROR = 3,
    ORT_LOGGING_LEVEL_FATAL = 4,
}

/// <summary>What a value of a model holds.</summary>
public enum OnnxValueType
{
    ONNX_TYPE_UNKNOWN = 0, ONNX_TYPE_TENSOR = 1, ONNX_TYPE_SEQUENCE = 2, ONNX_TYPE_MAP = 3, ONNX_TYPE_OPAQUE = 4, ONNX_TYPE_SPARSETENSOR = 5,
    ONNX_TYPE_OPTIONAL = 6,
}

/// <summary>Options of the CoreML provider.</summary>
[Flags]
public enum CoreMLFlags : uint
{
    COREML_FLAG_USE_NONE = 0, COREML_FLAG_USE_CPU_ONLY = 1, COREML_FLAG_ENABLE_ON_SUBGRAPH = 2, COREML_FLAG_ONLY_ENABLE_DEVICE_WITH_ANE = 4,
    COREML_FLAG_ONLY_ALLOW_STATIC_INPUT_SHAPES = 8, COREML_FLAG_CREATE_MLPROGRAM = 16, COREML_FLAG_USE_CPU_AND_GPU = 32,
}
