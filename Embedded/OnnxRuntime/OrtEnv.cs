using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>The library's environment: one for the process, alive until it ends.</summary>
public sealed unsafe class OrtEnv
{
    private static readonly Lock Gate = new();
    private static volatile OrtEnv? _instance;

    private OrtEnv()
    {
        fixed (byte* id = "onnxruntime\0"u8)
        {
            nint env;
            Status.Verify(Api.Current.CreateEnv((int)EnvLogLevel, id, &env));
            Handle = env;
        }
    }

    /// <summary>The process's environment, created on first use.</summary>
    public static OrtEnv Instance()
    {
        if (_instance is { } ready)
        {
            return ready;
        }
        lock (Gate)
        {
            return _instance ??= new OrtEnv();
        }
    }

    /// <summary>Whether the environment exists.</summary>
    public static bool IsCreated => _instance is not null;

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

    /// <summary>The native library's version, such as <c>1.30.0</c>.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "An instance method of the official package.")]
    public string GetVersionString() => Api.Current.VersionString;

    /// <summary>Names of the providers compiled in, such as <c>CPUExecutionProvider</c>; one may still find no device.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "An instance method of the official package.")]
    public string[] GetAvailableProviders()
    {
        byte** names;
        int count;
        Status.Verify(Api.Current.GetAvailableProviders(&names, &count));
        try
        {
            var providers = new string[count];
            for (int i = 0; i < count; i++)
            {
                providers[i] = Utf8.Text(names[i]);
            }
            return providers;
        }
        finally
        {
            Status.Verify(Api.Current.ReleaseAvailableProviders(names, count));
        }
    }
}
