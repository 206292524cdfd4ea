using System.Runtime.InteropServices;
using System.Text.Json;
using PiGrid.Batches;

namespace PiGrid.Grains.Batches;

/// <summary>A line of a batch's file: <c>{"custom_id": "...", "method": "POST", "url": "...", "body": {...}}</c>.</summary>
/// <param name="CustomId">The caller's name for it.</param>
/// <param name="Url">The route that it is for.</param>
/// <param name="Body">The call, JSON.</param>
internal sealed record BatchLine(string CustomId, string Url, ReadOnlyMemory<byte> Body)
{
    /// <summary>The longest name.</summary>
    public const int CustomIdMax = 512;

    private const int UrlMax = 1_000;

    // A call's tensors nest as deep as a tensor has dimensions.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>Reads a line; whatever it is, the end is a line or an error.</summary>
    /// <param name="text">The line, without its end.</param>
    /// <param name="number">Which line it is, from 1.</param>
    /// <param name="endpoint">The route that it must name, or <see cref="BatchSpec.AnyEndpoint"/>.</param>
    public static (BatchLine? Line, BatchError? Error) Read(ReadOnlyMemory<byte> text, int number, string endpoint)
    {
        BatchError Wrong(string code, string message, string? param = null) => new(code, message, number, param);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, Options);
        }
        catch (JsonException e)
        {
            return (null, Wrong("invalid_json_line", $"The line is no JSON object: {e.Message}"));
        }

        using (document)
        {
            var line = document.RootElement;
            if (line.ValueKind != JsonValueKind.Object)
            {
                return (null, Wrong("invalid_json_line", "The line is no JSON object."));
            }

            if (Text(line, "custom_id") is not { Length: > 0 and <= CustomIdMax } customId)
            {
                return (null, Wrong("invalid_custom_id", $"custom_id must be a text of 1 to {CustomIdMax} characters.", "custom_id"));
            }

            if (Text(line, "method") != "POST")
            {
                return (null, Wrong("invalid_method", "method must be \"POST\".", "method"));
            }

            if (Text(line, "url") is not { Length: > 0 and <= UrlMax } url)
            {
                return (null, Wrong("invalid_url", "url must be an infer route, such as \"/v2/models/NAME/infer\".", "url"));
            }

            if (endpoint != BatchSpec.AnyEndpoint && url != endpoint)
            {
                return (null, Wrong("mismatched_url", $"url is '{url}', but the batch's endpoint is '{endpoint}'. Create it with the endpoint '{BatchSpec.AnyEndpoint}' for lines of several models.", "url"));
            }

            return line.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.Object
                ? (new(customId, url, JsonMarshal.GetRawUtf8Value(body).ToArray()), null)
                : (null, Wrong("invalid_body", "body must be the request that is sent to the url, as an object.", "body"));
        }
    }

    private static string? Text(JsonElement line, string name)
    {
        try
        {
            return line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // How the document says that a text is half of a surrogate pair, or no UTF-8.
            return null;
        }
    }
}
