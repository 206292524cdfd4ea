using System.Text.Json;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Segments;

/// <summary>
/// Checks a run by some of its segments: what was handed over has to be what the node committed itself to, the first segment has to begin with the
/// real input, each drawn segment has to make its outputs of its inputs within the tolerance, and the model's outputs have to be those that the
/// signed output was made of. So a lie has to sit in a segment that was not drawn.
/// </summary>
public sealed class SegmentVerifier : IResultVerifier
{
    /// <summary>The scheme.</summary>
    public const string SchemeV1 = "segments/1";

    private readonly SegmentPlan _plan;
    private readonly int _draws;
    private readonly bool _isOwner;
    private readonly Comparator _comparator;
    private readonly Pipeline _pipeline;
    private readonly OnnxGraph _graph;
    private readonly Dictionary<int, ModelSession> _segments = [];

    /// <summary>Loads the parts of a model that a check needs: segments are loaded when they are first drawn.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="files">Its files.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="draws">How many segments an audit draws; 1 or more.</param>
    /// <exception cref="PipelineException">The manifest and its files make no pipeline.</exception>
    public SegmentVerifier(ModelManifest manifest, PipelineFiles files, SegmentPlan plan, int draws)
        : this(manifest, Pipeline.Load(manifest, files), files, plan, draws) => _isOwner = true;

    /// <summary>Takes over a pipeline that is loaded already, and stays its owner's.</summary>
    public SegmentVerifier(ModelManifest manifest, Pipeline pipeline, PipelineFiles files, SegmentPlan plan, int draws)
    {
        (_plan, _draws) = (plan, draws);
        _comparator = Comparator.Of(manifest);
        _pipeline = pipeline;
        _graph = OnnxGraph.Read(files.Model!);
    }

    /// <inheritdoc/>
    public string Scheme => SchemeV1;

    /// <summary>How far two tensors of one place may be apart, as a share of their largest magnitude.</summary>
    public double Tolerance { get; init; } = SegmentComparer.DefaultTolerance;

    /// <inheritdoc/>
    public byte[] Challenge(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> nonce) =>
        CanonicalJson.Serialize(SegmentRules.Draw(Sha256.Of(commitment), nonce, _draws, _plan.Segments.Count));

    /// <inheritdoc/>
    public VerifierFinding Verify(ResultClaim claim, CancellationToken cancellation = default)
    {
        try
        {
            var commitment = Read<SegmentCommitment>(claim.Commitment);
            var challenge = Read<SegmentChallenge>(claim.Challenge);
            var opening = Read<SegmentOpening>(claim.Evidence);
            var asked = SegmentRules.Asked(_plan, challenge, _pipeline.Outputs.Select(o => o.Name));
            return SegmentRules.Problem(_plan, commitment, asked, opening) is { } problem
                ? new(Agreement.Disagree, problem, 0)
                : Check(claim, challenge, opening.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal), cancellation);
        }
        catch (JsonException e)
        {
            return new(Agreement.Disagree, $"The commitment or the opening cannot be read: {e.Message}", 0);
        }
        catch (Exception e) when (e is ItemException or ModelException)
        {
            return new(Agreement.Disagree, $"The model cannot be run on what was handed over: {e.Message}", 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var segment in _segments.Values)
        {
            segment.Dispose();
        }

        if (_isOwner)
        {
            _pipeline.Dispose();
        }
    }

    private VerifierFinding Check(ResultClaim claim, SegmentChallenge challenge, Dictionary<string, TensorData> opened, CancellationToken cancellation)
    {
        var prepared = _pipeline.Prepare(claim.Input.Span);
        var findings = new List<(Agreement Said, string What)>
        {
            (OutputComparer.Compare(_comparator, _pipeline.Finish([.. _pipeline.Outputs.Select(o => opened[o.Name])], prepared.Geometry), claim.Output),
                "The signed output is not what the model's outputs make."),
        };
        findings.AddRange(prepared.Tensors.Where(t => opened.ContainsKey(t.Name)).Select(t =>
            (Compare([t], [opened[t.Name]]), $"The model's input '{t.Name}' is not that of the job's input.")));
        foreach (var index in challenge.Segments)
        {
            var segment = _plan.Segments[index];
            var inputs = segment.Inputs.Select(name => opened[name]).ToArray();
            var made = Session(index, inputs).Run(inputs, cancellation);
            findings.Add((Compare(made, [.. segment.Outputs.Select(name => opened[name])]), $"Segment {index} of {_plan.Segments.Count} does not give what was handed over."));
        }

        var share = challenge.Segments.Sum(s => _plan.Segments[s].Share);
        var worst = findings.Where(f => f.Said != Agreement.Agree).OrderBy(f => f.Said == Agreement.Disagree ? 0 : 1).FirstOrDefault();
        return new(worst.What is null ? Agreement.Agree : worst.Said, worst.What, share);
    }

    /// <summary>The worst of all tensors.</summary>
    private Agreement Compare(IReadOnlyList<TensorData> a, IReadOnlyList<TensorData> b)
    {
        var said = a.Zip(b, (x, y) => SegmentComparer.Compare(x, y, Tolerance)).ToArray();
        return said.Contains(Agreement.Disagree) ? Agreement.Disagree : said.Contains(Agreement.Inconclusive) ? Agreement.Inconclusive : Agreement.Agree;
    }

    private ModelSession Session(int index, IReadOnlyList<TensorData> inputs)
    {
        if (!_segments.TryGetValue(index, out var session))
        {
            session = ModelSession.Load(_graph.Extract(_plan.Segments[index], inputs));
            _segments.Add(index, session);
        }

        return session;
    }

    private static T Read<T>(ReadOnlyMemory<byte> bytes) => JsonSerializer.Deserialize<T>(bytes.Span, GridJson.Wire) ?? throw new JsonException("It is null.");
}
