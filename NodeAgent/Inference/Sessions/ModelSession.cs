using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference.Inputs;
using PiGrid.Inference.Outputs;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Sessions;

/// <summary>
/// A loaded model with the settings that make results comparable between machines: one thread, operators one after another, one
/// optimisation level, exact 8-bit products. Model files never bring code: no custom operator library is ever registered.
/// </summary>
public sealed class ModelSession : IDisposable
{
    private readonly InferenceSession _session;

    private ModelSession(InferenceSession session, ExecutionProvider provider, string? fallbackReason)
    {
        (_session, Provider, FallbackReason) = (session, provider, fallbackReason);
        Inputs = session.InputNames.Select(name => Describe(name, session.InputMetadata[name])).ToArray();
        Outputs = session.OutputNames.Select(name => Describe(name, session.OutputMetadata[name])).ToArray();
    }

    /// <summary>The library and its version, such as <c>onnxruntime 1.30.0</c>.</summary>
    public static string Library => $"onnxruntime {OrtEnv.Instance().GetVersionString()}";

    /// <summary>What runs the model.</summary>
    public ExecutionProvider Provider { get; }

    /// <summary>Why the preferred provider does not run it; null when it does.</summary>
    public string? FallbackReason { get; }

    /// <summary>The model's inputs, in its order.</summary>
    public IReadOnlyList<TensorSpec> Inputs { get; }

    /// <summary>The model's outputs, in its order.</summary>
    public IReadOnlyList<TensorSpec> Outputs { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="model">The ONNX file's bytes; free again afterwards.</param>
    /// <param name="preferred">The provider to try first; the processor takes over where it fails.</param>
    /// <exception cref="ModelException">The bytes are no ONNX model, read other files, or cannot run here; the message says why and what to do.</exception>
    public static ModelSession Load(byte[] model, ExecutionProvider preferred = ExecutionProvider.Cpu) => Load(model, preferred, SessionSettings.Comparable);

    /// <summary>Loads a model with other settings than those of verified work.</summary>
    /// <inheritdoc cref="Load(byte[], ExecutionProvider)"/>
    internal static ModelSession Load(byte[] model, ExecutionProvider preferred, SessionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (OnnxFile.Check(model) is { } error)
        {
            throw new ModelException(error);
        }

        string? reason = null;
        if (preferred != ExecutionProvider.Cpu && TryCreate(model, preferred, out reason, settings: settings) is { } session)
        {
            return session;
        }

        var fallback = reason is null ? null : $"{ExecutionProviders.NameOf(preferred)}: {reason}";
        return TryCreate(model, ExecutionProvider.Cpu, out reason, fallback, settings: settings) ?? throw new ModelException(
            $"ONNX Runtime cannot load it: {reason?.TrimEnd('.')}; export it again with standard ONNX operators of an opset that this version knows");
    }

    /// <summary>Loads a model on this provider or not at all.</summary>
    /// <param name="model">The ONNX file's bytes.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="reason">Why it does not load.</param>
    /// <param name="fallbackReason">Why another provider does not run it.</param>
    /// <param name="isAlone">Whether the processor must not help out with operators that the provider lacks.</param>
    /// <param name="settings">What the numbers depend on; that of verified work when null.</param>
    internal static ModelSession? TryCreate(
        byte[] model, ExecutionProvider provider, out string? reason, string? fallbackReason = null, bool isAlone = false, SessionSettings? settings = null)
    {
        settings ??= SessionSettings.Comparable;
        try
        {
            // What fails comes back as an exception; a stranger's model, or a provider without its device, must not write into the volunteer's log.
            OrtEnv.Instance().EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
            using var options = new SessionOptions
            {
                IntraOpNumThreads = settings.Threads,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                GraphOptimizationLevel = settings.Optimization,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            options.AddSessionConfigEntry("session.x64quantprecision", settings.ExactQuantised ? "1" : "0");
            if (isAlone && provider != ExecutionProvider.Cpu)
            {
                options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
            }

            ExecutionProviders.Append(options, provider);
            reason = null;
            return new(new InferenceSession(model, options), provider, fallbackReason);
        }
        catch (Exception e) when (e is OnnxRuntimeException or NotSupportedException or EntryPointNotFoundException)
        {
            reason = LibraryMessage.Clean(e.Message);
            return null;
        }
    }

    /// <summary>Runs the model once.</summary>
    /// <param name="inputs">A value per input, in the order of <see cref="Inputs"/>.</param>
    /// <param name="cancellation">Ends the run at its next operator.</param>
    /// <returns>A value per output, in the order of <see cref="Outputs"/>; the caller's to dispose.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> ended the run.</exception>
    /// <exception cref="ModelException">The model refused its inputs or failed.</exception>
    internal IDisposableReadOnlyCollection<OrtValue> Run(IReadOnlyCollection<OrtValue> inputs, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var options = new RunOptions();
        using var stop = cancellation.UnsafeRegister(static run => ((RunOptions)run!).Terminate = true, options);
        try
        {
            return _session.Run(options, _session.InputNames, inputs, _session.OutputNames);
        }
        catch (OnnxRuntimeException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new ModelException($"ONNX Runtime cannot run it: {LibraryMessage.Clean(e.Message)}");
        }
    }

    /// <summary>Runs the model once, on data.</summary>
    /// <returns>A tensor per output, in the order of <see cref="Outputs"/>.</returns>
    /// <exception cref="ModelException">The model refused its inputs or failed, or an output is no tensor of numbers or strings.</exception>
    internal TensorData[] Run(IReadOnlyList<TensorData> inputs, CancellationToken cancellation)
    {
        var values = inputs.Select(TensorsStep.ValueOf).ToArray();
        try
        {
            using var outputs = Run(values, cancellation);
            return [.. outputs.Select((value, i) => TensorsOutput.Copy(value, Outputs[i].Name))];
        }
        catch (ItemException e)
        {
            throw new ModelException(e.Message);
        }
        finally
        {
            Array.ForEach(values, value => value.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static TensorSpec Describe(string name, NodeMetadata metadata) => metadata.IsTensor
        ? new(name, ElementTypeNames.Of(metadata.ElementDataType), Array.ConvertAll(metadata.Dimensions, d => (long)d))
        : new(name, metadata.OnnxValueType.ToString()["ONNX_TYPE_".Length..].ToLowerInvariant(), []);
}
