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
internal sealed class SegmentWork(ModelManifest manifest, PipelineFiles files) : IDisposable
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
                PlanRequest plan => new PlannedReply(
                    SegmentPlanner.Plan(manifest, files, blobs[0], new() { Segments = plan.Segments, ModelBytesMin = plan.ModelBytesMin })),
                CommitRequest => Commit(Prover(blobs[0]).Run(blobs[1], cancel)),
                OpenRequest => new OpenedReply(Prover(blobs[0]).Prove(blobs[1], blobs[2], cancel)),
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

    private static CommittedReply Commit((ItemOutput Output, byte[] Commitment) run) => new(MemoryErrors.Unify(run.Output), run.Commitment);

    private AuditedReply Audit(byte[][] blobs, CancellationToken cancel)
    {
        var plan = Read(blobs[0]);
        _verifier ??= new SegmentVerifier(manifest, files, plan, draws: 1);
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
        return _prover ??= new SegmentProver(manifest, files, read);
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
