using System.Text.Json;

namespace PiGrid.Silo.Api.Inference;

/// <summary>A request whose JSON is read; the data of its inputs may be in the binary part.</summary>
internal sealed class RequestDraft
{
    /// <summary>The client's name for the request.</summary>
    public string? Id { get; set; }

    /// <summary>The inputs.</summary>
    public List<InputDraft>? Inputs { get; set; }

    /// <summary>The outputs wanted.</summary>
    public List<RequestedOutput>? Outputs { get; set; }

    /// <summary>Parameters by name.</summary>
    public Dictionary<string, object>? Parameters { get; set; }
}

/// <summary>
/// Reads an infer request: JSON, and behind it the binary data of the inputs whose <c>binary_data_size</c> says so. What is taken of memory is in proportion
/// to the body; whatever the body is, the end is a request or an <see cref="InferenceException"/>.
/// </summary>
internal static class RequestReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = RequestLimits.DepthMax };

    /// <summary>Reads a request.</summary>
    /// <param name="body">The body.</param>
    /// <param name="jsonLength">How long the JSON in it is; all of it when null.</param>
    /// <exception cref="InferenceException">It is no request; says which field is wrong.</exception>
    public static InferenceRequest Read(ReadOnlyMemory<byte> body, int? jsonLength)
    {
        var length = jsonLength ?? body.Length;
        if (length > body.Length)
        {
            throw InferenceException.Invalid(
                "Inference-Header-Content-Length", $"says that the JSON has {length} bytes, but the body has only {body.Length}.");
        }

        return Fill(ReadJson(body.Span[..length]), body[length..]);
    }

    /// <summary>Reads the JSON of a request.</summary>
    /// <exception cref="InferenceException">It is that of no request; says which field is wrong.</exception>
    public static RequestDraft ReadJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            return Read(ref reader, json);
        }
        catch (JsonException e)
        {
            throw InferenceException.Invalid("body", Words.Of(e));
        }
        catch (InvalidOperationException)
        {
            // How the reader says that a text is no UTF-8, or half of a surrogate pair.
            throw InferenceException.Invalid("body", $"has a text that is no valid Unicode near byte {reader.BytesConsumed}.");
        }
    }

    /// <summary>The request with what lies behind its JSON, which is not copied.</summary>
    /// <exception cref="InferenceException">It is not what the JSON says.</exception>
    public static InferenceRequest Fill(RequestDraft draft, ReadOnlyMemory<byte> binary) => new()
    {
        Id = draft.Id,
        Inputs = BinaryInputs.Fill(draft.Inputs ?? throw InferenceException.Invalid("inputs", "is missing: an array of the model's inputs."), binary),
        Outputs = draft.Outputs is { Count: > 0 } outputs ? outputs : null,
        Parameters = draft.Parameters ?? [],
    };

    private static RequestDraft Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var draft = new RequestDraft();
        JsonCursor.Begin(ref reader, JsonTokenType.StartObject, "body");
        while (JsonCursor.TryMember(ref reader))
        {
            if (reader.ValueTextEquals("id"u8))
            {
                draft.Id = JsonCursor.Text(ref reader, JsonCursor.Once(draft.Id, "id"), RequestLimits.TextMax);
            }
            else if (reader.ValueTextEquals("inputs"u8))
            {
                draft.Inputs = InputReader.ReadAll(ref reader, json, JsonCursor.Once(draft.Inputs, "inputs"));
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                draft.Outputs = OutputReader.ReadAll(ref reader, JsonCursor.Once(draft.Outputs, "outputs"));
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                draft.Parameters = ParameterReader.Read(ref reader, JsonCursor.Once(draft.Parameters, "parameters"));
            }
            else
            {
                JsonCursor.Pass(ref reader);
            }
        }

        if (reader.Read())
        {
            throw InferenceException.Invalid("body", "has more behind the request's closing brace.");
        }

        return draft;
    }
}
