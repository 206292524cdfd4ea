using PiGrid.Verification;

namespace PiGrid;

/// <summary>
/// One online call: an input goes to a connected node, and its output comes back as fast as it can. Nothing of it is stored before it is answered; a crash breaks
/// the call, and calling again with the same key (an idempotency key) is safe: while the call runs, and for <c>Online:KeepAnswers</c> after, it gives the same
/// answer. The key is the call's <see cref="ShardId"/>, whose <see cref="JobId.IsCall"/> holds.
/// </summary>
[Alias("PiGrid.IInferenceGrain")]
public interface IInferenceGrain : IGrainWithStringKey, IReplicaWatcher
{
    /// <summary>Runs the call; ends at the latest after <see cref="InferenceCall.Timeout"/>.</summary>
    [AlwaysInterleave, ResponseTimeout("01:01:00"), Alias("Infer")]
    Task<InferenceAnswer> Infer(InferenceCall call, CancellationToken cancellationToken);

    /// <summary>The receipt of the call; null while it runs, when it has none, and once it is forgotten.</summary>
    [Alias("GetReceipt")]
    Task<Receipt?> GetReceipt();
}

/// <summary>What an online call asks for.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.InferenceCall")]
public sealed record InferenceCall
{
    /// <summary>The model version.</summary>
    [Id(0)]
    public required ModelRef Model { get; init; }

    /// <summary>The input, as the model's manifest says what its bytes are.</summary>
    [Id(1)]
    public required byte[] Input { get; init; }

    /// <summary>How the result is checked before it is answered.</summary>
    [Id(2)]
    public VerificationPolicy Policy { get; init; } = VerificationPolicy.Adaptive;

    /// <summary>When an answer is of no use any more; at most <c>Online:TimeoutMax</c>.</summary>
    [Id(3)]
    public required TimeSpan Timeout { get; init; }

    /// <summary>Whose call it is: requesters share the nodes' time equally.</summary>
    [Id(4)]
    public string Requester { get; init; } = "";

    /// <summary>The W3C trace context of the caller's span, which the call's spans continue; null when it is not traced. No node sees it.</summary>
    [Id(6)]
    public string? Trace { get; init; }

    /// <summary>Which nodes may have it; any when null.</summary>
    [Id(7)]
    public PlacementTerms? Placement { get; init; }
}

/// <summary>What came of an online call: an output or a failure.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.InferenceAnswer")]
public sealed record InferenceAnswer
{
    /// <summary>The output; its <see cref="ItemOutput.Error"/> is set when the input itself is at fault.</summary>
    [Id(0)]
    public ItemOutput? Output { get; init; }

    /// <summary>Why there is no output.</summary>
    [Id(1)]
    public InferenceFailure? Failure { get; init; }

    /// <summary>The receipt's id; null without an output.</summary>
    [Id(2)]
    public ReceiptId? Receipt { get; init; }

    /// <summary>Replicas that were issued.</summary>
    [Id(3)]
    public int Replicas { get; init; }

    /// <summary>The probability that the output is right, at least, by what the grid knows of the nodes; 0 to 1, null when nothing is known of them.</summary>
    [Id(4)]
    public double? Credibility { get; init; }

    /// <summary>From the call until a node had it, in milliseconds.</summary>
    [Id(5)]
    public double QueueMs { get; init; }

    /// <summary>From the node's acceptance to its result, as the node says, in milliseconds.</summary>
    [Id(6)]
    public double NodeMs { get; init; }

    /// <summary>Inside the model, as the node says, in milliseconds.</summary>
    [Id(7)]
    public double ModelMs { get; init; }
}

/// <summary>Why an online call has no output.</summary>
/// <param name="Code">What kind of failure.</param>
/// <param name="Message">What was wrong and what to do, for people.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.InferenceFailure")]
public sealed record InferenceFailure([property: Id(0)] InferenceFailureCode Code, [property: Id(1)] string Message);

/// <summary>The ways in which an online call fails.</summary>
[GenerateSerializer, Alias("PiGrid.InferenceFailureCode")]
public enum InferenceFailureCode
{
    /// <summary>There is no such model version.</summary>
    UnknownModel,

    /// <summary>The model version is there, but not ready: not validated yet, rejected, or unloaded.</summary>
    NotReady,

    /// <summary>Something about the call is wrong, such as a policy that the model does not allow.</summary>
    Invalid,

    /// <summary>No node that fits is there, or none became free in time.</summary>
    NoNode,

    /// <summary>A node had it, and no acceptable result came in time.</summary>
    TimedOut,

    /// <summary>Nodes could not run it, or did not agree.</summary>
    GivenUp,

    /// <summary>The caller went away.</summary>
    Cancelled,

    /// <summary>The idempotency key belongs to another call.</summary>
    Conflict,
}
