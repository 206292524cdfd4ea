using System.Text.Json.Serialization;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Workers.Wire;

/// <summary>What a worker process answers: one reply to each request, none to a cancel, and one unasked when it is ready.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ReadyReply), "ready")]
[JsonDerivedType(typeof(ProbeReply), "probed")]
[JsonDerivedType(typeof(LoadedReply), "loaded")]
[JsonDerivedType(typeof(RefusedReply), "refused")]
[JsonDerivedType(typeof(ValidatedReply), "validated")]
[JsonDerivedType(typeof(RanReply), "ran")]
[JsonDerivedType(typeof(RanBatchReply), "ran_batch")]
[JsonDerivedType(typeof(PlannedReply), "planned")]
[JsonDerivedType(typeof(CommittedReply), "committed")]
[JsonDerivedType(typeof(OpenedReply), "opened")]
[JsonDerivedType(typeof(AuditedReply), "audited")]
[JsonDerivedType(typeof(CancelledReply), "cancelled")]
internal abstract record WorkerReply;

/// <summary>The libraries are loaded and warm.</summary>
/// <param name="Library">The inference library and its version.</param>
/// <param name="Problem">What did not work while warming up; null when all did.</param>
internal sealed record ReadyReply(string Library, string? Problem) : WorkerReply
{
    /// <summary>Whether it can read the agent's <see cref="InputArea"/>.</summary>
    public bool HasArea { get; init; }
}

/// <summary>What trying a provider showed.</summary>
/// <param name="Usable">Whether the tiny model ran on it.</param>
/// <param name="Reason">Why not.</param>
internal sealed record ProbeReply(bool Usable, string? Reason) : WorkerReply;

/// <summary>The model is loaded.</summary>
/// <param name="Provider">What runs it.</param>
/// <param name="FallbackReason">Why the preferred provider does not; null when it does.</param>
/// <param name="BatchMax">The most inputs of one run of the model, at least 1.</param>
internal sealed record LoadedReply(string Provider, string? FallbackReason, int BatchMax) : WorkerReply;

/// <summary>The model cannot be loaded.</summary>
/// <param name="Errors">Why, by the manifest's fields.</param>
internal sealed record RefusedReply(IReadOnlyList<FieldError> Errors) : WorkerReply;

/// <summary>The model was checked.</summary>
/// <param name="Output">The report, or an error.</param>
internal sealed record ValidatedReply(ItemOutput Output) : WorkerReply;

/// <summary>The input was run.</summary>
/// <param name="Output">The output, or the input's error.</param>
/// <param name="ModelMs">Time inside the model in milliseconds.</param>
internal sealed record RanReply(ItemOutput Output, double ModelMs) : WorkerReply;

/// <summary>The inputs were run.</summary>
/// <param name="Runs">
/// A run for each input, in order, and at least one. Small inputs may have large outputs: where those of all do not fit into a frame, the last ones are missing, to be
/// asked for one by one.
/// </param>
/// <param name="BatchMax">The most inputs that the next batch may have, at least 1.</param>
internal sealed record RanBatchReply(IReadOnlyList<RanReply> Runs, int BatchMax) : WorkerReply;

/// <summary>The run was ended by a cancel.</summary>
internal sealed record CancelledReply : WorkerReply;
