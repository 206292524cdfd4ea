namespace Microsoft.ML.OnnxRuntime;

/// <summary>The library's error codes (<c>OrtErrorCode</c>).</summary>
internal enum ErrorCode
{
    Ok, Fail, InvalidArgument, NoSuchFile, NoModel, EngineError, RuntimeException, InvalidProtobuf, ModelLoaded, NotImplemented, InvalidGraph,
    ShapeInferenceNotRegistered, RequirementNotRegistered,
}

/// <summary>An error that ONNX Runtime reported; the message is its own, behind <c>[ErrorCode:Name]</c>.</summary>
public class OnnxRuntimeException : Exception
{
    internal OnnxRuntimeException(ErrorCode errorCode, string message)
        : base($"[ErrorCode:{errorCode}] {message}")
    {
    }
}
