using System.Text.Json;
using PiGrid.Inference.Outputs;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Segments;

/// <summary>
/// The node's side: it runs the model with the plan's tensors given out and commits itself to their digests. It keeps none of them: asked, it runs
/// the input again, which gives the same bits on the same machine, library and settings.
/// </summary>
public sealed class SegmentProver : IResultProver
{
    private readonly SegmentPlan _plan;
    private readonly Pipeline _pipeline;
    private readonly ModelSession _session;
    private readonly string[] _outputs;

    /// <summary>Loads a model for a plan.</summary>
    /// <exception cref="PipelineException">The manifest and its files make no pipeline.</exception>
    /// <exception cref="ModelException">The model cannot give out the plan's tensors.</exception>
    public SegmentProver(ModelManifest manifest, PipelineFiles files, SegmentPlan plan)
    {
        _plan = plan;
        _pipeline = Pipeline.Load(manifest, files);
        _outputs = [.. _pipeline.Outputs.Select(o => o.Name)];
        try
        {
            var graph = OnnxGraph.Read(files.Model!);
            _session = ModelSession.Load(graph.WithOutputs(plan.Tensors().Except(graph.Inputs, StringComparer.Ordinal)));
        }
        catch
        {
            _pipeline.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Scheme => SegmentVerifier.SchemeV1;

    /// <inheritdoc/>
    public (ItemOutput Output, byte[] Commitment) Run(ReadOnlySpan<byte> input, CancellationToken cancellation = default)
    {
        try
        {
            var prepared = _pipeline.Prepare(input);
            var tensors = Tensors(prepared.Tensors, cancellation);
            var output = _pipeline.Finish([.. _outputs.Select(name => tensors[name])], prepared.Geometry);
            return (output, CanonicalJson.Serialize(Commit(tensors)));
        }
        catch (Exception e) when (e is ItemException or ModelException)
        {
            // An input that fails has nothing to open: it is checked by running it again.
            return (OutputGuard.Failed((e as ItemException)?.Code ?? ItemErrorCode.ModelFailed, e.Message), []);
        }
    }

    /// <inheritdoc/>
    public byte[] Prove(ReadOnlySpan<byte> input, ReadOnlySpan<byte> challenge, CancellationToken cancellation = default)
    {
        var asked = JsonSerializer.Deserialize<SegmentChallenge>(challenge, GridJson.Wire) ?? throw new JsonException("A challenge is an object.");
        if (asked.Segments.Any(s => s < 0 || s >= _plan.Segments.Count))
        {
            throw new JsonException($"The challenge names a segment that is not one of 0 to {_plan.Segments.Count - 1}.");
        }

        var tensors = Tensors(_pipeline.Prepare(input).Tensors, cancellation);
        return JsonSerializer.SerializeToUtf8Bytes(Open(asked, tensors), GridJson.Wire);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _pipeline.Dispose();
    }

    /// <summary>All tensors of a run, by name.</summary>
    internal Dictionary<string, TensorData> Tensors(IReadOnlyList<TensorData> inputs, CancellationToken cancellation = default) =>
        inputs.Concat(_session.Run(inputs, cancellation)).ToDictionary(t => t.Name, StringComparer.Ordinal);

    /// <summary>The model's input tensors for an input.</summary>
    internal IReadOnlyList<TensorData> Prepare(ReadOnlySpan<byte> input) => _pipeline.Prepare(input).Tensors;

    /// <summary>The commitment to tensors.</summary>
    internal SegmentCommitment Commit(Dictionary<string, TensorData> tensors) =>
        new() { Plan = CanonicalJson.Digest(_plan), Tensors = _plan.Tensors().Select(name => SegmentRules.DigestOf(tensors[name])).ToArray() };

    /// <summary>The opening of tensors.</summary>
    internal SegmentOpening Open(SegmentChallenge challenge, Dictionary<string, TensorData> tensors) =>
        new() { Tensors = SegmentRules.Asked(_plan, challenge, _outputs).Select(name => tensors[name]).ToArray() };
}
