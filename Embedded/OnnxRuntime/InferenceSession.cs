using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A loaded model. Runs may overlap; disposing cuts none of them off.</summary>
public sealed unsafe class InferenceSession : IDisposable
{
    private readonly NativeHandle _handle;
    private readonly Dictionary<string, byte[]> _inputNames;
    private readonly Dictionary<string, byte[]> _outputNames;

    /// <summary>Loads a model from memory, which is free again afterwards.</summary>
    /// <exception cref="OnnxRuntimeException">It is no ONNX model, or cannot run here.</exception>
    public InferenceSession(byte[] model, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        Api api = Api.Current;
        nint session;
        fixed (byte* bytes = model)
        {
            Status.Verify(api.CreateSession(OrtEnv.Instance().Handle, bytes, (nuint)model.Length, options.Handle, &session));
        }
        GC.KeepAlive(options);
        _handle = new NativeHandle(Api.Kind.Session, session);
        try
        {
            InputMetadata = Describe(session, api.GetInputCount, api.GetInputName, api.GetInputTypeInfo);
            OutputMetadata = Describe(session, api.GetOutputCount, api.GetOutputName, api.GetOutputTypeInfo);
        }
        catch
        {
            Dispose();
            throw;
        }
        InputNames = [.. InputMetadata.Keys];
        OutputNames = [.. OutputMetadata.Keys];
        _inputNames = InputNames.ToDictionary(name => name, Utf8.Bytes);
        _outputNames = OutputNames.ToDictionary(name => name, Utf8.Bytes);
    }

    /// <summary>The model's inputs by name.</summary>
    public IReadOnlyDictionary<string, NodeMetadata> InputMetadata { get; }

    /// <summary>Names in the model's order.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>The model's outputs by name.</summary>
    public IReadOnlyDictionary<string, NodeMetadata> OutputMetadata { get; }

    /// <summary>Names in the model's order.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Runs the model; the results are the caller's to dispose.</summary>
    /// <exception cref="OnnxRuntimeException">A name is unknown, an input does not fit, an operator fails, or the run is ended.</exception>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        RunOptions runOptions, IReadOnlyCollection<string> inputNames, IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames)
    {
        if (inputNames.Count != inputValues.Count)
        {
            throw new ArgumentException(
                $"Length of {nameof(inputNames)} ({inputNames.Count}) must match that of {nameof(inputValues)} ({inputValues.Count}).");
        }
        nint[] ins = Resolve(inputNames, _inputNames, "Input");
        nint[] outs = Resolve(outputNames, _outputNames, "Output");
        nint[] values = [.. inputValues.Select(value => value.Handle)];
        var outputs = new nint[outs.Length];
        bool isHeld = false;
        _handle.DangerousAddRef(ref isHeld); // a session disposed meanwhile goes when its last run is over
        try
        {
            fixed (nint* in0 = ins, out0 = outs, value0 = values, output0 = outputs)
            {
                Status.Verify(Api.Current.Run(
                    _handle.DangerousGetHandle(), runOptions.Handle, (byte**)in0, value0, (nuint)ins.Length,
                    (byte**)out0, (nuint)outs.Length, output0));
            }
        }
        finally
        {
            _handle.DangerousRelease();
        }
        GC.KeepAlive(this); // the names
        GC.KeepAlive(inputValues);
        GC.KeepAlive(runOptions);
        return new DisposableList<OrtValue>(outputs.Select(output => new OrtValue(output)));
    }

    /// <summary>Frees the model once its last run is over.</summary>
    public void Dispose() => _handle.Dispose();

    private static nint[] Resolve(IReadOnlyCollection<string> names, Dictionary<string, byte[]> known, string kind) =>
        Utf8.Addresses([.. names.Select(name => known.TryGetValue(name, out byte[]? text) ? text
            : throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"{kind} name: '{name}' is not in the metadata"))]);

    private static Dictionary<string, NodeMetadata> Describe(
        nint session,
        delegate* unmanaged<nint, nuint*, nint> getCount,
        delegate* unmanaged<nint, nuint, nint, byte**, nint> getName,
        delegate* unmanaged<nint, nuint, nint*, nint> getType)
    {
        OrtAllocator allocator = OrtAllocator.DefaultInstance;
        Dictionary<string, NodeMetadata> metadata = [];
        nuint count;
        Status.Verify(getCount(session, &count));
        for (nuint i = 0; i < count; i++)
        {
            byte* name;
            nint type;
            Status.Verify(getType(session, i, &type));
            try
            {
                Status.Verify(getName(session, i, allocator.Pointer, &name));
                metadata[allocator.Take(name)] = new NodeMetadata(type);
            }
            finally
            {
                Api.Current.Release(Api.Kind.TypeInfo, type);
            }
        }
        return metadata;
    }
}

/// <summary>Values that are disposed together.</summary>
public interface IDisposableReadOnlyCollection<T> : IReadOnlyCollection<T>, IReadOnlyList<T>, IDisposable;

internal sealed class DisposableList<T>(IEnumerable<T> items) : List<T>(items), IDisposableReadOnlyCollection<T>
    where T : IDisposable
{
    public void Dispose()
    {
        ForEach(item => item.Dispose());
        Clear();
    }
}
