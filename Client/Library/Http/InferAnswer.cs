using System.Globalization;
using System.Text.Json;

namespace PiGrid.Client.Http;

/// <summary>Reads the answer of a call: into one buffer, of which the outputs are pieces.</summary>
internal static class InferAnswer
{
    // Binary data begin where numbers of any size may lie.
    private const int Alignment = 8;

    /// <summary>Reads it.</summary>
    /// <exception cref="JsonException">It is no answer of a call.</exception>
    /// <exception cref="IOException">It broke off.</exception>
    public static async Task<InferResult> ReadAsync(HttpResponseMessage response, long bytesMax, CancellationToken cancellationToken)
    {
        var content = response.Content;
        var jsonLength = response.Headers.TryGetValues(InferContent.LengthHeader, out var values)
            && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var stated) ? stated : (int?)null;
        if (content.Headers.ContentLength > bytesMax)
        {
            throw new JsonException($"it has {content.Headers.ContentLength} bytes, and {nameof(GridClientOptions.AnswerBytesMax)} allows {bytesMax}");
        }

        await using var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = await ReadAsync(body, content.Headers.ContentLength, PadBefore(jsonLength), bytesMax, cancellationToken).ConfigureAwait(false);
        return jsonLength is not < 0 && (jsonLength ?? 0) <= buffer.Length
            ? Parse(buffer, jsonLength ?? buffer.Length)
            : throw new JsonException($"{InferContent.LengthHeader} is {jsonLength}, but there are only {buffer.Length} bytes");
    }

    private static int PadBefore(int? jsonLength) => jsonLength is { } length ? (Alignment - (length % Alignment)) % Alignment : 0;

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream body, long? length, int pad, long bytesMax, CancellationToken cancellationToken)
    {
        if (length is { } known)
        {
            var buffer = new byte[pad + known];
            await body.ReadExactlyAsync(buffer.AsMemory(pad), cancellationToken).ConfigureAwait(false);
            return buffer.AsMemory(pad);
        }

        using var grown = new MemoryStream();
        var part = new byte[1 << 16];
        while (await body.ReadAsync(part, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            if (grown.Length + read > bytesMax)
            {
                throw new JsonException($"it has over {bytesMax} bytes, which {nameof(GridClientOptions.AnswerBytesMax)} allows");
            }

            grown.Write(part, 0, read);
        }

        return grown.GetBuffer().AsMemory(0, (int)grown.Length);
    }

    private static InferResult Parse(ReadOnlyMemory<byte> buffer, int jsonLength)
    {
        var answer = JsonSerializer.Deserialize<Answer>(buffer.Span[..jsonLength], GridJson.Wire) ?? throw new JsonException("it is null");
        var binary = buffer[jsonLength..];
        var outputs = new List<InferTensor>();
        foreach (var output in answer.Outputs)
        {
            if (output.Parameters?.BinaryDataSize is not { } size || size < 0 || size > binary.Length)
            {
                throw new JsonException($"output '{output.Name}' does not have its data in binary as was asked, or not all of them");
            }

            outputs.Add(new(output.Name, output.Datatype, output.Shape, binary[..(int)size]));
            binary = binary[(int)size..];
        }

        var facts = answer.Parameters ?? new();
        return new()
        {
            Model = new ModelRef(answer.ModelName, answer.ModelVersion),
            Id = answer.Id,
            Outputs = outputs,
            Receipt = facts.Receipt,
            Replicas = facts.Replicas,
            Credibility = facts.Credibility,
            QueueTime = TimeSpan.FromMilliseconds(facts.QueueMs),
            NodeTime = TimeSpan.FromMilliseconds(facts.NodeMs),
            ModelTime = TimeSpan.FromMilliseconds(facts.ModelMs),
        };
    }

    private sealed record Answer(string ModelName, string ModelVersion, string? Id, Facts? Parameters, Output[] Outputs);

    private sealed record Output(string Name, string Datatype, long[] Shape, OutputParameters? Parameters);

    private sealed record OutputParameters(long? BinaryDataSize);

    private sealed record Facts
    {
        public ReceiptId? Receipt { get; init; }

        public int Replicas { get; init; }

        public double? Credibility { get; init; }

        public double QueueMs { get; init; }

        public double NodeMs { get; init; }

        public double ModelMs { get; init; }
    }
}
