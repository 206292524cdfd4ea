using PiGrid.Verification;

namespace PiGrid.Silo.Api.Inference;

/// <summary>The HTTP status of each way in which a call fails.</summary>
internal static class Failures
{
    /// <summary>The exception of a call without an output; null when it has one.</summary>
    public static InferenceException? Of(InferenceAnswer answer) => answer switch
    {
        { Failure: { } failure } => new(StatusOf(failure.Code), failure.Message),
        { Output.Error: { } error } => new(StatusOf(error.Code), $"The model gave no output for this input: {error.Message}"),
        { Output: null } => new(StatusCodes.Status503ServiceUnavailable, "The grid gave no output: try again."),
        _ => null,
    };

    private static int StatusOf(InferenceFailureCode code) => code switch
    {
        InferenceFailureCode.UnknownModel => StatusCodes.Status404NotFound,
        InferenceFailureCode.NotReady => StatusCodes.Status503ServiceUnavailable,
        InferenceFailureCode.Invalid => StatusCodes.Status400BadRequest,
        InferenceFailureCode.NoNode => StatusCodes.Status503ServiceUnavailable,
        InferenceFailureCode.TimedOut => StatusCodes.Status504GatewayTimeout,
        InferenceFailureCode.GivenUp => StatusCodes.Status503ServiceUnavailable,
        InferenceFailureCode.Cancelled => StatusCodes.Status499ClientClosedRequest,
        InferenceFailureCode.Conflict => StatusCodes.Status409Conflict,
    };

    /// <summary>The HTTP status of an input without an output.</summary>
    public static int StatusOf(ItemErrorCode code) => code switch
    {
        ItemErrorCode.Undecodable => StatusCodes.Status400BadRequest,
        ItemErrorCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ItemErrorCode.ShapeMismatch => StatusCodes.Status400BadRequest,
        ItemErrorCode.ModelFailed => StatusCodes.Status400BadRequest,
        ItemErrorCode.TimedOut => StatusCodes.Status504GatewayTimeout,
        ItemErrorCode.WorkerDied => StatusCodes.Status400BadRequest,
        ItemErrorCode.GivenUp => StatusCodes.Status503ServiceUnavailable,
    };
}
