using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A loaded model. Runs may overlap; disposing cuts none of them off.</summary>
public sealed unsafe class InferenceSession : IDisposable
{
    private readonly NativeHandle _handle;
    private readonly NativeTexts _texts = new(8);
    private readonly Dictionary<string, nint> _inputNames;
    private readonly Dictionary<string, nint> _outputNames;

    /// <summary>Loads a model from a file; its external data lies beside it.</summary>
    /// <exception cref="OnnxRuntimeException">It is missing, no ONNX model, or cannot run here.</exception>
    public InferenceSession(string modelPath)
        : this(modelPath, new SessionOptions(), ownsOptions: true)
    {
    }

    /// <inheritdoc cref="InferenceSession(string)"/>
    public InferenceSession(string modelPath, SessionOptions options)
        : this(modelPath, options, ownsOptions: false)
    {
    }

    /// <summary>Loads a model from memory, which is free again afterwards.</summary>
    /// <exception cref="OnnxRuntimeException">It is no ONNX model, or cannot run here.</exception>
    public InferenceSession(byte[] model)
        : this(model, new SessionOptions(), ownsOptions: true)
    {
    }

    /// <inheritdoc cref="InferenceSession(byte[])"/>
    public InferenceSession(byte[] model, SessionOptions options)
        : this(model, options, ownsOptions: false)
    {
    }

    private InferenceSession(object model, SessionOptions options, bool ownsOptions)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            _handle = new NativeHandle(Api.Kind.Session, Load(model, options), _texts);
            GC.KeepAlive(options);
        }
        finally
        {
            if (ownsOptions)
            {
                options.Dispose();
            }
        }
        try
        {
            Api api = Api.Current;
            (InputMetadata, _inputNames) = Describe(api.GetInputCount, api.GetInputName, api.GetInputTypeInfo);
            (OutputMetadata, _outputNames) = Describe(api.GetOutputCount, api.GetOutputName, api.GetOutputTypeInfo);
            InputNames = [.. _inputNames.Keys];
            OutputNames = [.. _outputNames.Keys];
            ModelMetadata = new ModelMetadata(_handle.DangerousGetHandle());
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyDictionary<string, NodeMetadata> InputMetadata { get; }

    /// <summary>Names in the model's order.</summary>
    public IReadOnlyList<string> InputNames { get; }

    public IReadOnlyDictionary<string, NodeMetadata> OutputMetadata { get; }

    /// <summary>Names in the model's order.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    public ModelMetadata ModelMetadata { get; }

    /// <summary>Runs the model; the results are the caller's to dispose.</summary>
    /// <exception cref="OnnxRuntimeException">A name is unknown, an input does not fit, an operator fails, or the run was ended.</exception>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        RunOptions runOptions, IReadOnlyCollection<string> inputNames, IReadOnlyCollection<OrtValue> inputValues, IReadOnlyCollection<string> outputNames)
    {
        var outputs = new nint[outputNames.Count];
        Run(runOptions, inputNames, inputValues, outputNames, outputs);
        var results = new DisposableList<OrtValue>(outputs.Length);
        foreach (nint output in outputs)
        {
            results.Add(new OrtValue(output));
        }
        return results;
    }

    /// <inheritdoc cref="Run(RunOptions, IReadOnlyCollection{string}, IReadOnlyCollection{OrtValue}, IReadOnlyCollection{string})"/>
    public IDisposableReadOnlyCollection<OrtValue> Run(RunOptions runOptions, IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> outputNames) =>
        Run(runOptions, [.. inputs.Keys], [.. inputs.Values], outputNames);

    /// <summary>Runs the model into values that exist already, whose shapes must be those of the results.</summary>
    public void Run(
        RunOptions? runOptions, IReadOnlyCollection<string> inputNames, IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames, IReadOnlyCollection<OrtValue> outputValues)
    {
        if (outputNames.Count != outputValues.Count)
        {
            throw new ArgumentException($"Length of {nameof(outputNames)} ({outputNames.Count}) must match that of {nameof(outputValues)} ({outputValues.Count}).");
        }
        Run(runOptions, inputNames, inputValues, outputNames, [.. outputValues.Select(value => value.Handle)]);
        GC.KeepAlive(outputValues);
    }

    public void Dispose() => _handle.Dispose();

    private void Run(
        RunOptions? options, IReadOnlyCollection<string> inputNames, IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames, nint[] outputs)
    {
        if (inputNames.Count != inputValues.Count)
        {
            throw new ArgumentException($"Length of {nameof(inputNames)} ({inputNames.Count}) must match that of {nameof(inputValues)} ({inputValues.Count}).");
        }
        nint[] ins = Resolve(inputNames, _inputNames, "Input");
        nint[] outs = Resolve(outputNames, _outputNames, "Output");
        nint[] values = [.. inputValues.Select(value => value.Handle)];
        bool isHeld = false;
        _handle.DangerousAddRef(ref isHeld); // a session disposed meanwhile goes when its last run is over
        try
        {
            fixed (nint* in0 = ins, out0 = outs, value0 = values, output0 = outputs)
            {
                Status.Verify(Api.Current.Run(
                    _handle.DangerousGetHandle(), options?.Handle ?? 0, (byte**)in0, value0, (nuint)ins.Length, (byte**)out0, (nuint)outs.Length, output0));
            }
        }
        finally
        {
            _handle.DangerousRelease();
        }
        GC.KeepAlive(inputValues);
        GC.KeepAlive(options);
    }

    private static nint[] Resolve(IReadOnlyCollection<string> names, Dictionary<string, nint> known, string kind)
    {
        var found = new nint[names.Count];
        int i = 0;
        foreach (string name in names)
        {
            found[i++] = known.TryGetValue(name, out nint native) ? native
                : throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"{kind} name: '{name}' is not in the metadata");
        }
        return found;
    }

    private static nint Load(object model, SessionOptions options)
    {
        Api api = Api.Current;
        nint env = OrtEnv.Instance().Handle;
        nint session;
        fixed (byte* bytes = model as byte[] ?? Utf8.Path((string)model))
        {
            Status.Verify(model is byte[] image
                ? api.CreateSessionFromArray(env, bytes, (nuint)image.Length, options.Handle, &session)
                : api.CreateSession(env, bytes, options.Handle, &session));
        }
        return session;
    }

    private (Dictionary<string, NodeMetadata> Metadata, Dictionary<string, nint> Names) Describe(
        delegate* unmanaged<nint, nuint*, nint> getCount,
        delegate* unmanaged<nint, nuint, nint, byte**, nint> getName,
        delegate* unmanaged<nint, nuint, nint*, nint> getType)
    {
        Dictionary<string, NodeMetadata> metadata = [];
        Dictionary<string, nint> names = [];
        nint session = _handle.DangerousGetHandle();
        nuint count;
        Status.Verify(getCount(session, &count));
        for (nuint i = 0; i < count; i++)
        {
            byte* text;
            nint type;
            Status.Verify(getName(session, i, OrtAllocator.DefaultInstance.Pointer, &text));
            string name = Utf8.Take(text);
            Status.Verify(getType(session, i, &type));
            try
            {
                metadata[name] = new NodeMetadata(type);
                names[name] = (nint)_texts.Add(name);
            }
            finally
            {
                Api.Current.Release(Api.Kind.TypeInfo, type);
            }
        }
        return (metadata, names);
    }
}
