using PiGrid.Api;

namespace PiGrid.Silo.Api;

/// <summary>The reason in the body of routes that end or hold something.</summary>
internal static class Reasons
{
    private const int LengthMax = 500, BodyBytesMax = 8 << 10;

    /// <summary>The reason; null when there is none, and then the error is answered already.</summary>
    public static async Task<string?> ReadAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync<ReasonRequest>(context, GridJson.Wire, BodyBytesMax) is not { } request)
        {
            return null;
        }

        if (request.Reason.Length is > 0 and <= LengthMax)
        {
            return request.Reason;
        }

        var message = $"A reason has 1 to {LengthMax} characters.";
        await Answers.ErrorAsync(context, 422, "invalid", message, [new("reason", "invalid", message)]);
        return null;
    }
}
