namespace PiGrid.Silo.Api.Inference;

/// <summary>Errors as the protocol has them: <c>{"error": "..."}</c>; <see cref="Answers.ErrorAsync"/> writes them so under <c>/v2</c>.</summary>
internal static class InferenceErrors
{
    /// <summary>A handler whose <see cref="InferenceException"/> becomes the answer.</summary>
    public static ApiHandler Caught(ApiHandler handler) => async (context, caller) =>
    {
        try
        {
            await handler(context, caller);
        }
        catch (InferenceException e)
        {
            if (e.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            {
                context.Response.Headers.RetryAfter = "1";
            }

            await Answers.ErrorAsync(context, e.Status, "inference", e.Message);
        }
    };
}
