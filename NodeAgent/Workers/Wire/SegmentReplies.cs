using PiGrid.Verification;

namespace PiGrid.NodeAgent.Workers.Wire;

/// <summary>The model's plan.</summary>
/// <param name="Plan">The plan; null when the model is not cut.</param>
internal sealed record PlannedReply(SegmentPlan? Plan) : WorkerReply;

/// <summary>The input was run and committed to.</summary>
/// <param name="Output">The output, or the input's error.</param>
/// <param name="Commitment">What the node binds itself to; empty for an error.</param>
/// <param name="ModelMs">Time inside the model in milliseconds.</param>
internal sealed record CommittedReply(ItemOutput Output, byte[] Commitment, double ModelMs) : WorkerReply;

/// <summary>The challenge's answer.</summary>
/// <param name="Evidence">The tensors asked for.</param>
/// <param name="Commitment">What the node binds itself to with this run: if all is well, what it bound itself to before.</param>
internal sealed record OpenedReply(byte[] Evidence, byte[] Commitment) : WorkerReply;

/// <summary>The claim was checked.</summary>
/// <param name="Finding">What was found.</param>
internal sealed record AuditedReply(VerifierFinding Finding) : WorkerReply;
