using System.Text.Json;

namespace PiGrid.Silo.Api.Inference;

/// <summary>Bodies of the model repository's routes, which clients also leave empty.</summary>
internal static class RepositoryBody
{
    private const int BytesMax = 64 << 10;

    /// <summary>The members of the body; none when it is empty.</summary>
    /// <exception cref="InferenceException">It is no JSON object.</exception>
    public static async Task<IReadOnlyDictionary<string, JsonElement>> ReadAsync(HttpContext context)
    {
        JsonBody.LimitTo(context, BytesMax);
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        if (buffer.Length == 0)
        {
            return new Dictionary<string, JsonElement>();
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), GridJson.Wire)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw InferenceException.Invalid("body", $"must be empty or a JSON object: {e.Message}");
        }
    }

    /// <summary>The parameters of a body, all of which must be among those that are known.</summary>
    /// <exception cref="InferenceException">One is not.</exception>
    public static IReadOnlyDictionary<string, JsonElement> Parameters(IReadOnlyDictionary<string, JsonElement> body, string[] known)
    {
        if (!body.TryGetValue("parameters", out var parameters) || parameters.ValueKind == JsonValueKind.Null)
        {
            return new Dictionary<string, JsonElement>();
        }

        if (parameters.ValueKind != JsonValueKind.Object)
        {
            throw InferenceException.Invalid("parameters", "must be an object.");
        }

        var members = parameters.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        return members.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown
            ? throw InferenceException.Invalid(
                $"parameters.{unknown}", "is not known here: a published version never changes, so neither its configuration nor its files can be given; publish another one.")
            : members;
    }

    /// <summary>A truth value; false when it is absent.</summary>
    /// <exception cref="InferenceException">It is something else.</exception>
    public static bool Flag(IReadOnlyDictionary<string, JsonElement> members, string name, string field) =>
        members.TryGetValue(name, out var value)
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw InferenceException.Invalid(field, "must be true or false."));
}
