using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary>Answers in the forms of OpenAI's API: what is not there is null, and times are whole seconds.</summary>
internal static class OpenAiAnswers
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = GridJson.Wire.Encoder,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Answers with a document.</summary>
    public static async Task JsonAsync(HttpContext context, int status, object value)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), Json);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers["x-request-id"] = context.TraceIdentifier;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>Answers with an error.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">A stable word for programs.</param>
    /// <param name="message">What was wrong and what to do, for people.</param>
    /// <param name="param">The parameter that was wrong.</param>
    public static Task ErrorAsync(HttpContext context, int status, string code, string message, string? param = null) => JsonAsync(context, status, new OpenAiError(new(message, TypeOf(status), param, code)));

    /// <summary>Answers that a parameter is wrong.</summary>
    public static Task InvalidAsync(HttpContext context, string param, string message) =>
        ErrorAsync(context, StatusCodes.Status400BadRequest, "invalid_value", $"{param}: {message}", param);

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    /// <summary>A time in whole seconds since the beginning of 1970.</summary>
    public static long? Seconds(DateTimeOffset? at) => at?.ToUnixTimeSeconds();
}
