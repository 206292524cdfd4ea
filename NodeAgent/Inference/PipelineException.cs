namespace PiGrid.Inference;

/// <summary>A manifest and its files that make no pipeline.</summary>
/// <param name="errors">Everything that is wrong, by the manifest's fields.</param>
public sealed class PipelineException(IReadOnlyList<FieldError> errors)
    : Exception(string.Join("; ", errors.Select(e => $"{e.Field}: {e.Message}")))
{
    /// <summary>Everything that is wrong, by the manifest's fields.</summary>
    public IReadOnlyList<FieldError> Errors { get; } = errors;

    internal PipelineException(string field, string code, string message)
        : this([new(field, code, message)])
    {
    }
}
