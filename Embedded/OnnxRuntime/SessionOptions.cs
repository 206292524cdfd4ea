using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>How a session loads and runs its model.</summary>
public unsafe class SessionOptions : SafeHandle
{
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
    public int IntraOpNumThreads { get; set => field = Set(24, value, value); }

    /// <summary>Threads between operators, when they run in parallel; 0 takes one per core.</summary>
    public int InterOpNumThreads { get; set => field = Set(25, value, value); }

    public GraphOptimizationLevel GraphOptimizationLevel { get; set => field = Set(23, value, (int)value); } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    public ExecutionMode ExecutionMode { get; set => field = Set(13, value, (int)value); } = ExecutionMode.ORT_SEQUENTIAL;

    public OrtLoggingLevel LogSeverityLevel { get; set => field = Set(22, value, (int)value); } = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;

    /// <summary>Names the session in log lines.</summary>
    public string LogId { get; set => field = Verified(Api.Current.Call(20, handle, value), value); } = "";

    /// <summary>Whether memory is planned ahead for inputs of a constant shape.</summary>
    public bool EnableMemoryPattern { get; set => field = Verified(Api.Current.Call(value ? 16 : 17, handle), value); } = true;

    /// <summary>Whether memory is kept between runs in an arena: faster, but it grows to the largest run and stays.</summary>
    public bool EnableCpuMemArena { get; set => field = Verified(Api.Current.Call(value ? 18 : 19, handle), value); } = true;

    /// <summary>Sets one of the library's session configuration entries, such as <c>session.x64quantprecision</c>.</summary>
    public void AddSessionConfigEntry(string configKey, string configValue) => Status.Verify(Api.Current.Call(130, handle, configKey, configValue));

    /// <summary>Gives a symbolic dimension of the model a fixed size.</summary>
    public void AddFreeDimensionOverrideByName(string dimName, long dimValue)
    {
        fixed (byte* name = Utf8.Bytes(dimName))
        {
            Status.Verify(Api.Current.AddFreeDimensionOverrideByName(handle, name, dimValue));
        }
    }

    /// <summary>Prefers a provider (<c>WebGPU</c>, <c>CoreML</c>, <c>XNNPACK</c>, ...) to those appended later and to the CPU.</summary>
    /// <exception cref="OnnxRuntimeException">The library does not carry it, or it cannot start.</exception>
    public void AppendExecutionProvider(string providerName, Dictionary<string, string>? providerOptions = null)
    {
        int count = providerOptions?.Count ?? 0;
        using var texts = new NativeTexts(1 + (2 * count));
        byte** keys = stackalloc byte*[count + 1];
        byte** values = stackalloc byte*[count + 1];
        byte* name = texts.Add(providerName);
        int i = 0;
        foreach ((string key, string value) in providerOptions ?? [])
        {
            keys[i] = texts.Add(key);
            values[i++] = texts.Add(value);
        }
        Status.Verify(Api.Current.AppendProvider(handle, name, keys, values, (nuint)count));
    }

    /// <summary>Appends the CPU provider; without it, it comes last by itself.</summary>
    public void AppendExecutionProvider_CPU(int useArena = 1) => AppendExported("CPU", useArena);

    /// <exception cref="NotSupportedException">The native library has no such provider.</exception>
    public void AppendExecutionProvider_CUDA(int deviceId = 0) => AppendExported("CUDA", deviceId);

    /// <exception cref="NotSupportedException">The native library has no such provider.</exception>
    public void AppendExecutionProvider_DML(int deviceId = 0) => AppendExported("DML", deviceId);

    /// <exception cref="NotSupportedException">The native library has no such provider.</exception>
    public void AppendExecutionProvider_CoreML(CoreMLFlags coremlFlags = CoreMLFlags.COREML_FLAG_USE_NONE) => AppendExported("CoreML", (int)coremlFlags);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Api.Current.Release(Api.Kind.SessionOptions, handle);
        return true;
    }

    private T Set<T>(int index, T value, int number) => Verified(Api.Current.Call(index, handle, number), value);

    private static T Verified<T>(nint status, T value)
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
