using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PiGrid.Silo.Api.Inference;

/// <summary>What a call is answered with: JSON, and behind it the data of the outputs that are wanted in binary, which are written as they lie.</summary>
/// <param name="Json">The JSON.</param>
/// <param name="Binary">The data behind it.</param>
internal sealed record InferenceResponse(ReadOnlyMemory<byte> Json, IReadOnlyList<byte[]> Binary)
{
    /// <summary>The header that says how long the JSON is, in requests and answers.</summary>
    public const string LengthHeader = "Inference-Header-Content-Length";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the answer to a request.</summary>
    /// <param name="request">The request: its id is echoed.</param>
    /// <param name="model">The version that ran.</param>
    /// <param name="answer">What came of it.</param>
    /// <param name="outputs">The outputs to write, each with whether it goes in binary.</param>
    public static InferenceResponse Write(
        InferenceRequest request, ModelRef model, InferenceAnswer answer, IReadOnlyList<(AnswerTensor Tensor, bool Binary)> outputs) =>
        Write(request.Id, model, AnswerFacts.Of(answer), outputs);

    /// <summary>Writes an answer.</summary>
    /// <param name="id">The id that the request gave itself; null for none.</param>
    /// <param name="model">The version that ran.</param>
    /// <param name="facts">What is said beside the outputs, as parameters.</param>
    /// <param name="outputs">The outputs to write, each with whether it goes in binary.</param>
    public static InferenceResponse Write(
        string? id, ModelRef model, IEnumerable<(string Name, object Value)> facts, IReadOnlyList<(AnswerTensor Tensor, bool Binary)> outputs)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("model_name"u8, model.Name);
            json.WriteString("model_version"u8, model.Version);
            if (id is not null)
            {
                json.WriteString("id"u8, id);
            }

            json.WriteStartObject("parameters"u8);
            foreach (var (name, value) in facts)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, value, value.GetType(), GridJson.Wire);
            }

            json.WriteEndObject();
            json.WriteStartArray("outputs"u8);
            foreach (var (tensor, isBinary) in outputs)
            {
                WriteOutput(json, tensor, isBinary);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new(buffer.WrittenMemory, [.. outputs.Where(o => o.Binary).Select(o => o.Tensor.Data)]);
    }

    /// <summary>Sends it.</summary>
    public async Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentLength = Json.Length + Binary.Sum(b => b.LongLength);
        response.ContentType = Binary.Count == 0 ? "application/json" : "application/octet-stream";
        if (Binary.Count > 0)
        {
            response.Headers[LengthHeader] = Json.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(Json, context.RequestAborted);
        foreach (var data in Binary)
        {
            await response.Body.WriteAsync(data, context.RequestAborted);
        }
    }

    private static void WriteOutput(Utf8JsonWriter json, AnswerTensor tensor, bool isBinary)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, tensor.Name);
        json.WriteString("datatype"u8, ElementTypes.NameOf(tensor.Type));
        json.WriteStartArray("shape"u8);
        foreach (var size in tensor.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        if (isBinary)
        {
            json.WriteStartObject("parameters"u8);
            json.WriteNumber("binary_data_size"u8, tensor.Data.Length);
            json.WriteEndObject();
        }
        else
        {
            json.WritePropertyName("data"u8);
            ElementWriter.Write(json, tensor.Type, tensor.Data);
        }

        json.WriteEndObject();
    }
}
