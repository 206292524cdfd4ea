using System.Text.Json;
using PiGrid.Api;
using PiGrid.Silo.Api.OpenAi;

namespace PiGrid.Silo.Api;

/// <summary>Answers in JSON, written whole in one go.</summary>
internal static class Answers
{
    /// <summary>Answers with a document.</summary>
    public static async Task JsonAsync<T>(HttpContext context, int status, T value)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, GridJson.Wire);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>Answers with an error.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">A stable word for programs.</param>
    /// <param name="message">What was wrong and what to do, for people.</param>
    /// <param name="fields">Every invalid field.</param>
    public static Task ErrorAsync(HttpContext context, int status, string code, string message, IReadOnlyList<FieldError>? fields = null) =>
        context.Request.Path.StartsWithSegments("/v2", StringComparison.Ordinal) ? JsonAsync(context, status, new { Error = message }) // the form that the Open Inference Protocol has
            : context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) ? OpenAiAnswers.ErrorAsync(context, status, code, message, fields is [var first, ..] ? first.Field : null)
            : JsonAsync(context, status, new ApiError(new ApiErrorDetail { Code = code, Message = message, Fields = fields ?? [] }));

    /// <summary>Answers that there is no such thing.</summary>
    public static Task NotFoundAsync(HttpContext context, string what) => ErrorAsync(context, 404, "not_found", $"There is no {what}.");
}
