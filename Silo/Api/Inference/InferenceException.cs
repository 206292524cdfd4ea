namespace PiGrid.Silo.Api.Inference;

/// <summary>
/// Why a request of the Open Inference Protocol gets no answer. An exception, because a reader deep inside a document has nowhere else to put it; each ends as
/// the answer's <c>error</c>.
/// </summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What was wrong, where, and what to do.</param>
internal sealed class InferenceException(int status, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>A field of the request is wrong.</summary>
    /// <param name="field">Where, such as <c>inputs[0].shape</c>.</param>
    /// <param name="message">What was wrong and what to do.</param>
    public static InferenceException Invalid(string field, string message) => new(StatusCodes.Status400BadRequest, $"{field}: {message}");
}
