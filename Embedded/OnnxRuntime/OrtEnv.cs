using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>What to create the environment with; everything is optional.</summary>
public struct EnvironmentCreationOptions
{
    /// <summary>Names the program in the library's log lines.</summary>
    public string? logId;

    /// <summary>The least severe message that the library writes to standard error; warning by default.</summary>
    public OrtLoggingLevel? logLevel;
}

/// <summary>The library's environment: one for the process, alive until it ends.</summary>
public sealed unsafe class OrtEnv : SafeHandle
{
    private static readonly Lock Gate = new();
    private static volatile OrtEnv? _instance;

    private OrtEnv(EnvironmentCreationOptions options)
        : base(0, ownsHandle: false)
    {
        OrtLoggingLevel level = options.logLevel ?? OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;
        fixed (byte* id = Utf8.Bytes(options.logId ?? "onnxruntime"))
        {
            nint env;
            Status.Verify(Api.Current.CreateEnv((int)level, id, &env));
            SetHandle(env);
            EnvLogLevel = level;
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
            return _instance ??= new OrtEnv(default);
        }
    }

    /// <summary>Creates the environment with options.</summary>
    /// <exception cref="OnnxRuntimeException">It exists already.</exception>
    public static OrtEnv CreateInstanceWithOptions(ref EnvironmentCreationOptions options)
    {
        lock (Gate)
        {
            if (_instance is not null)
            {
                throw new OnnxRuntimeException(ErrorCode.RuntimeException, "OrtEnv singleton instance already exists, supplied options would not have effect");
            }
            return _instance = new OrtEnv(options);
        }
    }

    /// <summary>Whether the environment exists.</summary>
    public static bool IsCreated => _instance is not null;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    /// <summary>The least severe message that the library writes to standard error.</summary>
    public OrtLoggingLevel EnvLogLevel
    {
        get;
        set
        {
            Status.Verify(Api.Current.Call(226, handle, (int)value));
            field = value;
        }
    }

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

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => true;
}
