namespace PiGrid.Grains.Batches;

/// <summary>What stands in the lines of a batch: the calls of an inference protocol. The front door that speaks it implements this; the batch knows no protocol.</summary>
public interface IBatchCalls
{
    /// <summary>What the route in a line leads to.</summary>
    /// <param name="url">The route, such as <c>/v2/models/NAME/infer</c>.</param>
    ValueTask<BatchRoute> FindAsync(string url);

    /// <summary>The answer to a call from its output.</summary>
    /// <param name="model">The version that ran.</param>
    /// <param name="id">The id that the call gave itself.</param>
    /// <param name="outputs">The outputs that it asks for; all when null.</param>
    /// <param name="result">What came of it.</param>
    BatchAnswer Answer(ModelRef model, string? id, IReadOnlyList<string>? outputs, JobResult result);

    /// <summary>The answer to a call that has no output.</summary>
    /// <param name="status">The status that says why.</param>
    /// <param name="message">Why, for people.</param>
    BatchAnswer Refuse(int status, string message);
}

/// <summary>Reads the calls of one model version.</summary>
public interface IBatchTarget
{
    /// <summary>The version.</summary>
    ModelRef Model { get; }

    /// <summary>Reads a call.</summary>
    /// <param name="body">Its body, JSON.</param>
    /// <param name="at">The time from which the call's own limits count.</param>
    BatchCall Read(ReadOnlyMemory<byte> body, DateTimeOffset at);
}

/// <summary>Where a route leads: a target, or why there is none.</summary>
/// <param name="Target">The target; null when there is none.</param>
/// <param name="Code">When there is none, a stable word for programs.</param>
/// <param name="Message">When there is none, why, for people.</param>
public sealed record BatchRoute(IBatchTarget? Target, string Code = "", string Message = "");

/// <summary>A call that was read: what to run on which terms, or why it is refused.</summary>
public sealed record BatchCall
{
    /// <summary>The input's bytes, as the model takes them.</summary>
    public byte[] Input { get; init; } = [];

    /// <summary>How its result is checked.</summary>
    public VerificationPolicy Policy { get; init; }

    /// <summary>When an output is of no use any more; null when the call does not say.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Which nodes may have it; any when null.</summary>
    public PlacementTerms? Placement { get; init; }

    /// <summary>The id that it gives itself.</summary>
    public string? Id { get; init; }

    /// <summary>The outputs that it asks for; all when null.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>The status of a call that is refused; null for one that is not.</summary>
    public int? Status { get; init; }

    /// <summary>Why it is refused.</summary>
    public string? Error { get; init; }
}

/// <summary>The answer to a call.</summary>
/// <param name="Status">The HTTP status; 200 for an output.</param>
/// <param name="Body">The body, JSON.</param>
public sealed record BatchAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Whether it has an output.</summary>
    public bool IsOutput => Status == 200;
}
