using System.Globalization;
using System.IO.Compression;

namespace PiGrid.Silo.Api.Inference;

/// <summary>
/// Reads the body of an infer request into memory, once and bounded. Where the JSON's length is known the JSON is read first: inputs that all lie behind it are
/// then read to where they stand in safetensors, so that what is read is what the call takes, and is not copied again.
/// </summary>
internal static class InferenceBody
{
    // How much of a body that is too large is read on, so that its sender gets the answer.
    private const long ReadOnBytes = 16 << 20;

    // What is taken before anything has come: a length that lies costs no more.
    private const int FirstBytes = 1 << 20;

    // Longer JSON has data in it, and is read with the rest.
    private const int JsonFirstBytes = 64 << 10;

    /// <summary>The request in the body, unpacked when it is packed (gzip, deflate).</summary>
    /// <param name="context">The body's.</param>
    /// <param name="jsonLength">How long the JSON in it is; all of it when null.</param>
    /// <param name="bytesMax">The most bytes that it has, unpacked.</param>
    /// <exception cref="InferenceException">It is too large, packed in a way that is not known here, or no request.</exception>
    public static async Task<InferenceRequest> ReadAsync(HttpContext context, int? jsonLength, int bytesMax)
    {
        JsonBody.LimitTo(context, bytesMax + ReadOnBytes);
        var (request, cancellation) = (context.Request, context.RequestAborted);
        if (request.ContentLength > bytesMax)
        {
            throw TooLarge(bytesMax);
        }

        switch (request.Headers.ContentEncoding.ToString())
        {
            case "" or "identity" when jsonLength is <= JsonFirstBytes and var first && first <= request.ContentLength:
                return await ReadJsonFirstAsync(request.Body, first, (int)request.ContentLength, cancellation);
            case "" or "identity":
                return RequestReader.Read(await ReadAsync(request.Body, default, request.ContentLength ?? 0, bytesMax, cancellation), jsonLength);
            case "gzip":
                return RequestReader.Read(await UnpackAsync(new GZipStream(request.Body, CompressionMode.Decompress), bytesMax, cancellation), jsonLength);
            case "deflate":
                return RequestReader.Read(await UnpackAsync(new ZLibStream(request.Body, CompressionMode.Decompress), bytesMax, cancellation), jsonLength);
            case var other:
                throw new InferenceException(
                    StatusCodes.Status415UnsupportedMediaType, $"Content-Encoding: '{other}' is not known here; send gzip, deflate or neither.");
        }
    }

    /// <summary>How long the JSON in the body is, by its header; null when all of the body is JSON.</summary>
    /// <exception cref="InferenceException">The header is no length.</exception>
    public static int? JsonLength(IHeaderDictionary headers)
    {
        var header = headers[InferenceResponse.LengthHeader];
        if (header.Count == 0)
        {
            return null;
        }

        return header.Count == 1 && int.TryParse(header[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw InferenceException.Invalid(InferenceResponse.LengthHeader, $"'{header}' is not one length in bytes.");
    }

    private static async Task<InferenceRequest> ReadJsonFirstAsync(Stream body, int jsonLength, int bodyLength, CancellationToken cancellation)
    {
        var json = new byte[jsonLength];
        var read = await body.ReadAtLeastAsync(json, jsonLength, throwOnEndOfStream: false, cancellation);
        if (read < jsonLength || TryReadJson(json) is not { } draft)
        {
            // Refused as soon as all of it is there, as any other: its sender would not hear of it before.
            return RequestReader.Read(await ReadAsync(body, json.AsMemory(0, read), bodyLength, bodyLength, cancellation), jsonLength);
        }

        var head = BinaryInputs.Head(draft.Inputs);
        var headLength = head?.Length ?? 0;
        var length = headLength + bodyLength - jsonLength;
        var inputs = await ReadAsync(body, head, length, length, cancellation);
        var request = RequestReader.Fill(draft, inputs.AsMemory(headLength));
        return head is not null && inputs.Count == length ? request with { InputsWritten = inputs.Array } : request;
    }

    private static RequestDraft? TryReadJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return RequestReader.ReadJson(json);
        }
        catch (InferenceException)
        {
            return null;
        }
    }

    private static async Task<ArraySegment<byte>> UnpackAsync(Stream unpacked, int bytesMax, CancellationToken cancellation)
    {
        try
        {
            await using (unpacked)
            {
                return await ReadAsync(unpacked, default, 0, bytesMax, cancellation);
            }
        }
        catch (InvalidDataException e)
        {
            throw InferenceException.Invalid("body", $"is not packed as its Content-Encoding says: {e.Message}");
        }
    }

    /// <summary>What a body has, behind what is there already and in one array with it.</summary>
    private static async Task<ArraySegment<byte>> ReadAsync(
        Stream body, ReadOnlyMemory<byte> before, long expected, int bytesMax, CancellationToken cancellation)
    {
        var buffer = GC.AllocateUninitializedArray<byte>((int)(expected is > 0 and <= FirstBytes ? expected : Math.Min(FirstBytes, bytesMax)));
        before.CopyTo(buffer);
        var length = before.Length;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length == expected)
                {
                    return buffer;
                }

                // One byte more than is allowed shows that there is more.
                var larger = Math.Min(expected > length ? Math.Min(expected, length * 4L) : length * 2L, bytesMax + 1L);
                var next = GC.AllocateUninitializedArray<byte>((int)larger);
                buffer.CopyTo(next, 0);
                buffer = next;
            }

            var read = await body.ReadAsync(buffer.AsMemory(length), cancellation);
            length += read;
            if (length > bytesMax)
            {
                throw TooLarge(bytesMax);
            }

            if (read == 0)
            {
                return new(buffer, 0, length);
            }
        }
    }

    private static InferenceException TooLarge(int bytesMax) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body has over {bytesMax} bytes (Api:InferenceBytesMax of the silo), unpacked where it was packed.");
}
