using System.Text.Json;
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
    private readonly bool _isOwner;
    private readonly ModelSession _session;
    private readonly string[] _outputs;

    /// <summary>Loads a model for a plan.</summary>
    /// <exception cref="PipelineException">The manifest and its files make no pipeline.</exception>
    /// <exception cref="ModelException">The model cannot give out the plan's tensors.</exception>
    public SegmentProver(ModelManifest manifest, PipelineFiles files, SegmentPlan plan)
        : this(Pipeline.Load(manifest, files), files, plan, isOwner: true)
    {
    }

    /// <summary>Takes over a pipeline that is loaded already, and stays its owner's.</summary>
    /// <exception cref="ModelException">The model cannot give out the plan's tensors.</exception>
    public SegmentProver(Pipeline pipeline, PipelineFiles files, SegmentPlan plan)
        : this(pipeline, files, plan, isOwner: false)
    {
    }

    private SegmentProver(Pipeline pipeline, PipelineFiles files, SegmentPlan plan, bool isOwner)
    {
        (_plan, _pipeline, _isOwner) = (plan, pipeline, isOwner);
        _outputs = [.. _pipeline.Outputs.Select(o => o.Name)];
        try
        {
            var graph = OnnxGraph.Read(files.Model!);
            _session = ModelSession.Load(graph.WithOutputs(plan.Tensors().Except(graph.Inputs, StringComparer.Ordinal)));
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Scheme => SegmentVerifier.SchemeV1;

    /// <inheritdoc/>
    public (ItemOutput Output, byte[] Commitment) Run(ReadOnlySpan<byte> input, CancellationToken cancellation = default)
    {
        var (run, commitment) = RunTimed(input, cancellation);
        return (run.Output, commitment);
    }

    /// <summary>Runs one input under the manifest's limits.</summary>
    /// <returns>The run, and what the node binds itself to: nothing for an input that fails, which is checked by running it again.</returns>
    public (ItemRun Run, byte[] Commitment) RunTimed(ReadOnlySpan<byte> input, CancellationToken cancellation = default)
    {
        Dictionary<string, TensorData>? tensors = null;
        var run = _pipeline.Run(
            input,
            (inputs, token) =>
            {
                tensors = Tensors(inputs, token);
                return [.. _outputs.Select(name => tensors[name])];
            },
            cancellation);
        return (run, run.Output.Error is null && tensors is not null ? CanonicalJson.Serialize(Commit(tensors)) : []);
    }

    /// <inheritdoc/>
    public byte[] Prove(ReadOnlySpan<byte> input, ReadOnlySpan<byte> challenge, CancellationToken cancellation = default) =>
        JsonSerializer.SerializeToUtf8Bytes(Open(input, challenge, cancellation).Opening, GridJson.Wire);

    /// <summary>Answers a challenge, with the commitment that the answer belongs to.</summary>
    public (SegmentCommitment Commitment, SegmentOpening Opening) Open(ReadOnlySpan<byte> input, ReadOnlySpan<byte> challenge, CancellationToken cancellation = default)
    {
        var asked = JsonSerializer.Deserialize<SegmentChallenge>(challenge, GridJson.Wire) ?? throw new JsonException("A challenge is an object.");
        if (asked.Segments.Any(s => s < 0 || s >= _plan.Segments.Count))
        {
            throw new JsonException($"The challenge names a segment that is not one of 0 to {_plan.Segments.Count - 1}.");
        }

        var tensors = Tensors(_pipeline.Prepare(input).Tensors, cancellation);
        return (Commit(tensors), Open(asked, tensors));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        Leave();
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

    private void Leave()
    {
        if (_isOwner)
        {
            _pipeline.Dispose();
        }
    }
}
