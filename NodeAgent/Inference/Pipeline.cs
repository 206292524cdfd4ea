using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference.Batching;
using PiGrid.Inference.Inputs;
using PiGrid.Inference.Outputs;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference;

/// <summary>
/// A model version ready to run: an input's bytes go in, an output comes out. It reuses its buffers, so that one run follows another;
/// runs at once need a pipeline each.
/// </summary>
public sealed class Pipeline : IDisposable
{
    private readonly ManifestLimits _limits;
    private readonly OutputKind _kind;
    private readonly IInputStep _input;
    private readonly IOutputStep? _output;
    private readonly TextGenerator? _generator;
    private readonly ModelSession? _session;
    private readonly string[] _outputNames;
    private readonly TimeProvider _time;
    private readonly Batcher _batcher;
    private long _modelTicks;

    internal Pipeline(
        ModelManifest manifest, IInputStep input, IOutputStep? output, TextGenerator? generator, ModelSession? session, int batchMax, TimeProvider time)
    {
        (_limits, _kind) = (manifest.Limits, manifest.Postprocess.Kind);
        (_input, _output, _generator, _session, _time) = (input, output, generator, session, time);
        _outputNames = session is null ? [] : [.. session.Outputs.Select(o => o.Name)];
        _batcher = new(this, manifest, batchMax, time);
    }

    /// <summary>The model's inputs; empty for a pipeline without a model step.</summary>
    public IReadOnlyList<TensorSpec> Inputs => _session?.Inputs ?? [];

    /// <summary>The model's outputs; empty for a pipeline without a model step.</summary>
    public IReadOnlyList<TensorSpec> Outputs => _session?.Outputs ?? [];

    /// <summary>What runs the model.</summary>
    public ExecutionProvider Provider => _session?.Provider ?? ExecutionProvider.Cpu;

    /// <summary>Why the preferred provider does not run it; null when it does.</summary>
    public string? FallbackReason => _session?.FallbackReason;

    /// <summary>The most inputs that go through the model in one run, at least 1; it falls when a batch turns out not to be one.</summary>
    public int BatchMax => _batcher.Max;

    /// <summary>Makes a pipeline of a valid manifest and its files.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="files">The bytes that it names.</param>
    /// <param name="preferred">The provider to try first; the processor takes over where it fails.</param>
    /// <param name="time">The clock of time limits and timings; the system's when null.</param>
    /// <exception cref="PipelineException">They make no pipeline; the errors name each field and what to do.</exception>
    public static Pipeline Load(
        ModelManifest manifest, PipelineFiles files, ExecutionProvider preferred = ExecutionProvider.Cpu, TimeProvider? time = null) =>
        PipelineBuilder.Build(manifest, files, preferred, time ?? TimeProvider.System, SessionSettings.Comparable);

    /// <summary>Makes a pipeline with other settings than those of verified work, on the processor.</summary>
    /// <inheritdoc cref="Load(ModelManifest, PipelineFiles, ExecutionProvider, TimeProvider?)"/>
    internal static Pipeline Load(ModelManifest manifest, PipelineFiles files, SessionSettings settings) =>
        PipelineBuilder.Build(manifest, files, ExecutionProvider.Cpu, TimeProvider.System, settings);

    /// <summary>Runs one input. Whatever is wrong with it becomes the output's error; nothing of it is thrown.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> ended the run.</exception>
    public ItemRun Run(ReadOnlySpan<byte> input, CancellationToken cancellation = default) => Run(input, null, cancellation);

    /// <summary>Runs several inputs, in one run of the model where that gives what each alone would; one that is wrong has its own error.</summary>
    /// <returns>A run for each input, in order. The time in the model of one that was part of a batch is its share.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> ended it.</exception>
    public IReadOnlyList<ItemRun> RunBatch(IReadOnlyList<byte[]> inputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return _batcher.Run(inputs, cancellation);
    }

    /// <summary>Runs one input of a pipeline that runs its model once per input, with another run of the model in the place of its own: tensors in, tensors out.</summary>
    /// <inheritdoc cref="Run(ReadOnlySpan{byte}, CancellationToken)"/>
    internal ItemRun Run(ReadOnlySpan<byte> input, Func<IReadOnlyList<TensorData>, CancellationToken, IReadOnlyList<TensorData>>? model, CancellationToken cancellation)
    {
        var start = _time.GetTimestamp();
        _modelTicks = 0;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(_limits.SecondsPerInput), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var output = Guarded(input, model, either.Token, cancellation);
        var milliseconds = _time.GetElapsedTime(0, _modelTicks).TotalMilliseconds;
        return new(output, milliseconds, _time.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>The first step alone: the model's input tensors, in its order.</summary>
    /// <exception cref="ItemException">The input is not what the pipeline takes.</exception>
    internal PreparedTensors Prepare(ReadOnlySpan<byte> input)
    {
        using var prepared = _input.Prepare(input);
        return new([.. prepared.Values.Zip(Inputs, (value, spec) => TensorsOutput.Copy(value, spec.Name))], prepared.Geometry);
    }

    /// <summary>The second step alone: the model's output tensors, in its order.</summary>
    /// <exception cref="ModelException">The model refused its inputs or failed.</exception>
    internal TensorData[] RunModel(IReadOnlyList<TensorData> inputs, CancellationToken cancellation = default) => _session!.Run(inputs, cancellation);

    /// <summary>The last step alone, for a pipeline that runs its model once per input: the output, or the error that the tensors make.</summary>
    internal ItemOutput Finish(IReadOnlyList<TensorData> outputs, PictureGeometry? geometry)
    {
        var values = outputs.Select(TensorsStep.ValueOf).ToArray();
        try
        {
            return OutputGuard.Check(_output!.Finish(values, [.. outputs.Select(o => o.Name)], geometry), _kind);
        }
        catch (ItemException e)
        {
            return OutputGuard.Failed(e.Code, e.Message);
        }
        finally
        {
            Array.ForEach(values, value => value.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _input.Dispose();
        _session?.Dispose();
    }

    private ItemOutput Guarded(
        ReadOnlySpan<byte> input, Func<IReadOnlyList<TensorData>, CancellationToken, IReadOnlyList<TensorData>>? model, CancellationToken either, CancellationToken caller)
    {
        try
        {
            return OutputGuard.Check(RunSteps(input, model, either), _kind);
        }
        catch (ItemException e)
        {
            return OutputGuard.Failed(e.Code, e.Message);
        }
        catch (ModelException e)
        {
            return OutputGuard.Failed(ItemErrorCode.ModelFailed, e.Message);
        }
        catch (Exception e) when (e is OnnxRuntimeException or OverflowException)
        {
            // A stranger's model may give out what no array holds.
            return OutputGuard.Failed(ItemErrorCode.ModelFailed, $"The model's outputs cannot be read: {LibraryMessage.Clean(e.Message)}");
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return OutputGuard.Failed(
                ItemErrorCode.TimedOut,
                $"The input took longer than the model's limit of {_limits.SecondsPerInput} seconds. Send a smaller one, or publish the model with a higher limit.");
        }
    }

    private ItemOutput RunSteps(
        ReadOnlySpan<byte> input, Func<IReadOnlyList<TensorData>, CancellationToken, IReadOnlyList<TensorData>>? model, CancellationToken cancellation)
    {
        if (input.Length > _limits.InputBytes)
        {
            throw new ItemException(ItemErrorCode.TooLarge, $"The input has {input.Length} bytes; at most {_limits.InputBytes} are allowed. Make it smaller.");
        }

        cancellation.ThrowIfCancellationRequested();
        using var prepared = _input.Prepare(input);
        if (_session is null)
        {
            return _output!.Finish(prepared.Values, _input.Names!, prepared.Geometry);
        }

        if (model is not null)
        {
            var tensors = prepared.Values.Zip(Inputs, (value, spec) => TensorsOutput.Copy(value, spec.Name)).ToArray();
            return Finish(RunModel(() => model(tensors, cancellation)), prepared.Geometry);
        }

        if (_generator is not null)
        {
            return _generator.Generate(prepared.Tokens!, values => RunModel(values, cancellation), _outputNames[0]);
        }

        using var results = RunModel(prepared.Values, cancellation);
        return _output!.Finish(results, _outputNames, prepared.Geometry);
    }

    private IDisposableReadOnlyCollection<OrtValue> RunModel(IReadOnlyList<OrtValue> values, CancellationToken cancellation) =>
        RunModel(() => _session!.Run(values, cancellation));

    private T RunModel<T>(Func<T> model)
    {
        var start = _time.GetTimestamp();
        try
        {
            return model();
        }
        finally
        {
            _modelTicks += _time.GetTimestamp() - start;
        }
    }
}
