using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace PiGrid.Client.Http;

/// <summary>The body of a call by the Open Inference Protocol: a short JSON, and behind it the inputs' data from where they lie.</summary>
internal sealed class InferContent : HttpContent
{
    /// <summary>The header that says how long the JSON is, in requests and answers.</summary>
    public const string LengthHeader = "Inference-Header-Content-Length";

    private readonly ReadOnlyMemory<byte> _json;
    private readonly IReadOnlyList<InferInput> _inputs;

    public InferContent(ReadOnlyMemory<byte> json, IReadOnlyList<InferInput> inputs)
    {
        (_json, _inputs) = (json, inputs);
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        Headers.Add(LengthHeader, json.Length.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The JSON of a request.</summary>
    public static ReadOnlyMemory<byte> JsonOf(InferRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            JsonSerializer.Serialize(json, new Body(request), GridJson.Wire);
        }

        return buffer.WrittenMemory;
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_json, cancellationToken).ConfigureAwait(false);
        foreach (var piece in _inputs.SelectMany(input => input.Pieces))
        {
            await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _json.Length + _inputs.Sum(input => input.Length);
        return true;
    }

    private sealed record Body(string? Id, IEnumerable<object> Inputs, IEnumerable<object>? Outputs, Dictionary<string, object> Parameters)
    {
        public Body(InferRequest request)
            : this(
                request.Id,
                request.Inputs.Select(i => new { i.Name, i.Shape, Datatype = i.DataType, Parameters = new { BinaryDataSize = i.Length } }),
                request.Outputs?.Select(name => new { Name = name }),
                ParametersOf(request))
        {
        }

        private static void Allow(Dictionary<string, object> parameters, PlacementTerms placement)
        {
            if (placement.Regions.Count > 0)
            {
                parameters["region"] = string.Join(',', placement.Regions);
            }

            if (placement.PrivacyClass != PrivacyClass.Public)
            {
                parameters["privacy_class"] = placement.PrivacyClass;
            }

            if (placement.PriceLimit is { } limit)
            {
                parameters["price_limit"] = limit;
            }
        }

        private static Dictionary<string, object> ParametersOf(InferRequest request)
        {
            var parameters = new Dictionary<string, object> { ["binary_data_output"] = true };
            if (request.Policy is { } policy)
            {
                parameters["policy"] = policy.Value;
            }

            if (request.Timeout is { } timeout)
            {
                parameters["timeout_ms"] = (long)Math.Ceiling(timeout.TotalMilliseconds);
            }

            if (request.Placement is { } placement)
            {
                Allow(parameters, placement);
            }

            return parameters;
        }
    }
}
