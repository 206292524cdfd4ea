using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>The library's environment: one for the process, alive until it ends.</summary>
public sealed unsafe class OrtEnv
{
    private static readonly Lazy<OrtEnv> Shared = new(() => new OrtEnv(), LazyThreadSafetyMode.PublicationOnly);

    private OrtEnv()
    {
        fixed (byte* id = Utf8.Bytes("onnxruntime"))
        {
            nint env;
            Status.Verify(Api.Current.CreateEnv((int)EnvLogLevel, id, &env));
            Handle = env;
        }
    }

    internal nint Handle { get; }

    /// <summary>The least severe message that the library writes to standard error.</summary>
    public OrtLoggingLevel EnvLogLevel
    {
        get;
        set
        {
            Status.Verify(Api.Current.Call(226, Handle, (int)value));
            field = value;
        }
    } = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;

    /// <summary>The process's environment, created on first use.</summary>
    public static OrtEnv Instance() => Shared.Value;

    /// <summary>The native library's version, such as <c>1.30.0</c>.</summary>
    public string GetVersionString() => Api.Current.VersionString;
}
