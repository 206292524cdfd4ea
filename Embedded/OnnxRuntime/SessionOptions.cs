using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>How a session loads and runs its model.</summary>
public unsafe class SessionOptions : SafeHandle
{
    /// <summary>Makes options with the library's own defaults.</summary>
    public SessionOptions()
        : base(0, ownsHandle: true)
    {
        // Providers log while they are appended, and the environment is what they log to.
        _ = OrtEnv.Instance();
        nint options;
        Status.Verify(Api.Current.CreateSessionOptions(&options));
        SetHandle(options);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    internal nint Handle => IsClosed ? throw new ObjectDisposedException(GetType().Name) : handle;

    /// <summary>Threads within one operator; 0 takes one per core. Some models' results change with it in the last digits.</summary>
    public int IntraOpNumThreads { get; set => field = Checked(Api.Current.Call(24, handle, value), value); }

    /// <summary>Threads between operators, when they run in parallel; 0 takes one per core.</summary>
    public int InterOpNumThreads { get; set => field = Checked(Api.Current.Call(25, handle, value), value); }

    /// <summary>How far the graph is rewritten before it runs.</summary>
    public GraphOptimizationLevel GraphOptimizationLevel { get; set => field = Checked(Api.Current.Call(23, handle, (int)value), value); }
        = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>Whether independent branches of the graph run one after another.</summary>
    public ExecutionMode ExecutionMode { get; set => field = Checked(Api.Current.Call(13, handle, (int)value), value); }
        = ExecutionMode.ORT_SEQUENTIAL;

    /// <summary>The least severe message of the session that is still written.</summary>
    public OrtLoggingLevel LogSeverityLevel { get; set => field = Checked(Api.Current.Call(22, handle, (int)value), value); }
        = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;

    /// <summary>Whether memory is planned ahead for inputs of a constant shape.</summary>
    public bool EnableMemoryPattern { get; set => field = Checked(Api.Current.Call(value ? 16 : 17, handle), value); } = true;

    /// <summary>Sets one of the library's session configuration entries, such as <c>session.x64quantprecision</c>.</summary>
    public void AddSessionConfigEntry(string configKey, string configValue)
    {
        fixed (byte* key = Utf8.Bytes(configKey), value = Utf8.Bytes(configValue))
        {
            Status.Verify(Api.Current.AddSessionConfigEntry(handle, key, value));
        }
    }

    /// <summary>Prefers a provider, such as <c>WebGPU</c>, to those appended later and to the CPU.</summary>
    /// <exception cref="OnnxRuntimeException">The library does not carry it, or it cannot start.</exception>
    public void AppendExecutionProvider(string providerName, Dictionary<string, string>? providerOptions = null)
    {
        providerOptions ??= [];
        byte[][] keys = [.. providerOptions.Keys.Select(Utf8.Bytes)];
        byte[][] values = [.. providerOptions.Values.Select(Utf8.Bytes)];
        fixed (byte* name = Utf8.Bytes(providerName))
        fixed (nint* key0 = Utf8.Addresses(keys), value0 = Utf8.Addresses(values))
        {
            Status.Verify(Api.Current.AppendProvider(handle, name, (byte**)key0, (byte**)value0, (nuint)keys.Length));
        }
        GC.KeepAlive(keys);
        GC.KeepAlive(values);
    }

    /// <summary>Prefers an NVIDIA card, by its number.</summary>
    /// <exception cref="NotSupportedException">The native library has no such provider.</exception>
    public void AppendExecutionProvider_CUDA(int deviceId = 0) => AppendExported("CUDA", deviceId);

    /// <summary>Prefers a DirectX 12 card, by its number.</summary>
    /// <exception cref="NotSupportedException">The native library has no such provider.</exception>
    public void AppendExecutionProvider_DML(int deviceId = 0) => AppendExported("DML", deviceId);

    /// <summary>Prefers Apple's CoreML.</summary>
    /// <exception cref="NotSupportedException">The native library has no such provider.</exception>
    public void AppendExecutionProvider_CoreML(CoreMLFlags coremlFlags = CoreMLFlags.COREML_FLAG_USE_NONE) =>
        AppendExported("CoreML", (int)coremlFlags);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Api.Current.Release(Api.Kind.SessionOptions, handle);
        return true;
    }

    private static T Checked<T>(nint status, T value)
    {
        Status.Verify(status);
        return value;
    }

    /// <summary>These older entry points are exported by name, by those builds of the library that carry the provider.</summary>
    private void AppendExported(string provider, int argument)
    {
        nint append = Api.Current.Export("OrtSessionOptionsAppendExecutionProvider_" + provider);
        if (append == 0)
        {
            throw new NotSupportedException($"The native ONNX Runtime library beside this program carries no {provider} provider.");
        }
        Status.Verify(((delegate* unmanaged<nint, int, nint>)append)(handle, argument));
    }
}
