using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>An error that ONNX Runtime reported; the message is its own, behind <c>[ErrorCode:Name]</c>.</summary>
public class OnnxRuntimeException : Exception
{
    internal OnnxRuntimeException(ErrorCode errorCode, string message)
        : base($"[ErrorCode:{errorCode}] {message}")
    {
    }
}

/// <summary>The library's error codes (<c>OrtErrorCode</c>).</summary>
internal enum ErrorCode
{
    Ok, Fail, InvalidArgument, NoSuchFile, NoModel, EngineError, RuntimeException, InvalidProtobuf, ModelLoaded, NotImplemented,
    InvalidGraph, ShapeInferenceNotRegistered, RequirementNotRegistered,
}

/// <summary>Turns a status of the C API into an exception with the library's own message.</summary>
internal static unsafe class Status
{
    /// <exception cref="OnnxRuntimeException">The call failed.</exception>
    public static void Verify(nint status)
    {
        if (status == 0)
        {
            return;
        }
        Api api = Api.Current;
        try
        {
            throw new OnnxRuntimeException((ErrorCode)api.GetErrorCode(status), Utf8.Text(api.GetErrorMessage(status)));
        }
        finally
        {
            api.Release(Api.Kind.Status, status);
        }
    }
}
