namespace PiGrid.Client;

/// <summary>One call of a model.</summary>
public sealed record InferRequest
{
    /// <summary>The model: its name, whose newest ready version runs, or <c>NAME@VERSION</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Its inputs, all that its metadata name.</summary>
    public required IReadOnlyList<InferInput> Inputs { get; init; }

    /// <summary>The names of the outputs that are wanted, in that order; all when null.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>How the result is checked before it is answered; adaptive when null.</summary>
    public VerificationPolicy? Policy { get; init; }

    /// <summary>How long the grid may take; the silo's <c>Api:InferenceTimeout</c> when null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Which nodes may have the input: by region, privacy class and price; any when null.</summary>
    public PlacementTerms? Placement { get; init; }

    /// <summary>An id for the caller's own use, which the answer has too.</summary>
    public string? Id { get; init; }

    /// <summary>
    /// Names the call, 1 to 200 visible ASCII characters: sent again with the same key it runs once. The client makes one for each call when it is null; a
    /// caller that goes on after a crash of its own keeps one.
    /// </summary>
    public string? IdempotencyKey { get; init; }
}
