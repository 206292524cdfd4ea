using System.Globalization;
using System.IO.Compression;

namespace PiGrid.Silo.Api.Inference;

/// <summary>Reads the body of an infer request into memory, once and bounded.</summary>
internal static class InferenceBody
{
    // How much of a body that is too large is read on, so that its sender gets the answer.
    private const long ReadOnBytes = 16 << 20;

    // What is taken before anything has come: a length that lies costs no more.
    private const int FirstBytes = 1 << 20;

    /// <summary>The body, unpacked when it is packed (gzip, deflate).</summary>
    /// <exception cref="InferenceException">It is too large, or packed in a way that is not known here.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, int bytesMax)
    {
        JsonBody.LimitTo(context, bytesMax + ReadOnBytes);
        var request = context.Request;
        if (request.ContentLength > bytesMax)
        {
            throw TooLarge(bytesMax);
        }

        switch (request.Headers.ContentEncoding.ToString())
        {
            case "" or "identity":
                return await ReadAsync(request.Body, request.ContentLength ?? 0, bytesMax, context.RequestAborted);
            case "gzip":
                return await UnpackAsync(new GZipStream(request.Body, CompressionMode.Decompress), bytesMax, context.RequestAborted);
            case "deflate":
                return await UnpackAsync(new ZLibStream(request.Body, CompressionMode.Decompress), bytesMax, context.RequestAborted);
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

    private static async Task<ReadOnlyMemory<byte>> UnpackAsync(Stream unpacked, int bytesMax, CancellationToken cancellation)
    {
        try
        {
            await using (unpacked)
            {
                return await ReadAsync(unpacked, 0, bytesMax, cancellation);
            }
        }
        catch (InvalidDataException e)
        {
            throw InferenceException.Invalid("body", $"is not packed as its Content-Encoding says: {e.Message}");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream body, long expected, int bytesMax, CancellationToken cancellation)
    {
        var buffer = GC.AllocateUninitializedArray<byte>((int)(expected is > 0 and <= FirstBytes ? expected : Math.Min(FirstBytes, bytesMax)));
        var length = 0;
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
                Array.Resize(ref buffer, (int)larger);
            }

            var read = await body.ReadAsync(buffer.AsMemory(length), cancellation);
            length += read;
            if (length > bytesMax)
            {
                throw TooLarge(bytesMax);
            }

            if (read == 0)
            {
                return buffer.AsMemory(0, length);
            }
        }
    }

    private static InferenceException TooLarge(int bytesMax) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body has over {bytesMax} bytes (Api:InferenceBytesMax of the silo), unpacked where it was packed.");
}
