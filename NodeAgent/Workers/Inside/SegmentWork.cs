using System.Text.Json;
using PiGrid.Inference;
using PiGrid.Inference.Segments;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Workers.Inside;

/// <summary>
/// What a worker does with a model's segments: commit, open, and, on an operator's node, plan and audit. Both sides load what they need when it is first
/// asked for, and keep it until a request has another plan.
/// </summary>
internal sealed class SegmentWork(ModelManifest manifest, PipelineFiles files, Pipeline pipeline) : IDisposable
{
    private Sha256 _plan;
    private SegmentProver? _prover;
    private SegmentVerifier? _verifier;

    /// <summary>Answers a request; a plan, a challenge or a model that does not fit is refused.</summary>
    public WorkerReply Answer(WorkerRequest request, byte[][] blobs, CancellationToken cancel)
    {
        try
        {
            return request switch
            {
                PlanRequest plan => Plan(plan, blobs[0]),
                CommitRequest => Commit(Prover(blobs[0]).RunTimed(blobs[1], cancel)),
                OpenRequest => Open(Prover(blobs[0]).Open(blobs[1], blobs[2], cancel)),
                _ => Audit(blobs, cancel),
            };
        }
        catch (PipelineException e)
        {
            return new RefusedReply(e.Errors);
        }
        catch (Exception e) when (e is JsonException or ItemException or ModelException)
        {
            return new RefusedReply([new("segments", "invalid", e.Message)]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _prover?.Dispose();
        _verifier?.Dispose();
        (_prover, _verifier) = (null, null);
    }

    private static CommittedReply Commit((ItemRun Run, byte[] Commitment) ran) => new(MemoryErrors.Unify(ran.Run.Output), ran.Commitment, ran.Run.ModelMs);

    private static OpenedReply Open((SegmentCommitment Commitment, SegmentOpening Opening) opened) =>
        new(JsonSerializer.SerializeToUtf8Bytes(opened.Opening, GridJson.Wire), CanonicalJson.Serialize(opened.Commitment));

    private PlannedReply Plan(PlanRequest request, byte[] input) => new(SegmentPlanner.Plan(
        manifest, pipeline, files, input, new() { Segments = request.Segments, ModelBytesMin = request.ModelBytesMin, OpeningBytesMax = request.OpeningBytesMax }));

    private AuditedReply Audit(byte[][] blobs, CancellationToken cancel)
    {
        var plan = Read(blobs[0]);
        _verifier ??= new SegmentVerifier(manifest, pipeline, files, plan, draws: 1);
        return new(_verifier.Verify(
            new()
            {
                Input = blobs[1],
                Output = JsonSerializer.Deserialize<ItemOutput>(blobs[2], GridJson.Wire) ?? throw new JsonException("The output is null."),
                Commitment = blobs[3],
                Challenge = blobs[4],
                Evidence = blobs[5],
            },
            cancel));
    }

    private SegmentProver Prover(byte[] plan)
    {
        var read = Read(plan);
        return _prover ??= new SegmentProver(pipeline, files, read);
    }

    private SegmentPlan Read(byte[] plan)
    {
        var digest = Sha256.Of(plan);
        if (digest != _plan)
        {
            Dispose();
            _plan = digest;
        }

        var read = JsonSerializer.Deserialize<SegmentPlan>(plan, GridJson.Wire) ?? throw new JsonException("The plan is null.");
        return read.Segments.Count > 0 && read.Model == Sha256.Of(files.Model) ? read : throw new JsonException("The plan is for another model, or has no segments.");
    }
}
