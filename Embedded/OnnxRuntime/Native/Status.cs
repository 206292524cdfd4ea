namespace Microsoft.ML.OnnxRuntime.Native;

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
