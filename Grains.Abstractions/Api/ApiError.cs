namespace PiGrid.Api;

/// <summary>The body of every refusal of the grid's own routes: <c>{"error": {...}}</c>.</summary>
/// <param name="Error">What was wrong.</param>
public sealed record ApiError(ApiErrorDetail Error);

/// <summary>What was wrong with a request.</summary>
public sealed record ApiErrorDetail
{
    /// <summary>A stable word for programs, such as <c>invalid</c>, <c>unauthorized</c>, <c>not_found</c>, <c>too_large</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What was wrong and what to do, for people.</summary>
    public required string Message { get; init; }

    /// <summary>Every invalid field.</summary>
    public IReadOnlyList<FieldError> Fields { get; init; } = [];
}
