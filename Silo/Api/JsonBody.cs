using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace PiGrid.Silo.Api;

/// <summary>Reads JSON bodies.</summary>
internal static class JsonBody
{
    /// <summary>The body; null when it could not be read, and then the error is answered already.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context, JsonSerializerOptions options, int bytesMax)
        where T : class
    {
        LimitTo(context, bytesMax);
        try
        {
            if (await JsonSerializer.DeserializeAsync<T>(context.Request.BodyReader, options, context.RequestAborted) is { } body)
            {
                return body;
            }

            await RefuseAsync(context, "$", "The body is null.");
        }
        catch (JsonException e)
        {
            await RefuseAsync(context, e.Path ?? "$", Describe(e));
        }

        return null;
    }

    /// <summary>Sets the most bytes that this request's body may have.</summary>
    public static void LimitTo(HttpContext context, long bytesMax)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = bytesMax;
        }
    }

    private static Task RefuseAsync(HttpContext context, string path, string message) => Answers.ErrorAsync(
        context, 400, "malformed", $"The body is not the JSON that belongs here: {message}", [new FieldError(path, "malformed", message)]);

    private static string Describe(JsonException e)
    {
        // The serializer appends its path and position in a form of its own.
        var end = e.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        var what = end < 0 ? e.Message : e.Message[..end];
        return string.Create(
            CultureInfo.InvariantCulture, $"{what} At {e.Path ?? "$"}, line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}.");
    }
}
