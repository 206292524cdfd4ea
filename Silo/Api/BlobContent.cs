using Microsoft.Net.Http.Headers;
using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Api;

/// <summary>Blobs as bodies.</summary>
internal static class BlobContent
{
    // How much of a blob that is too large is read on so that its sender gets the answer.
    private const long ReadOnBytes = 16 << 20;

    /// <summary>Sends a blob: whole, a range of it, or its headers alone.</summary>
    public static async Task SendAsync(HttpContext context, IBlobStore blobs, Sha256 digest)
    {
        if (await blobs.OpenAsync(digest, context.RequestAborted) is not { } stream)
        {
            await Answers.ErrorAsync(
                context, 404, "not_found", $"There is no blob {digest}: it was never put, nothing named it for a while, or the disk has damaged its bytes. Put it again.");
            return;
        }

        // The name is the content: what somebody has under it never changes.
        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        await Results
            .Stream(stream, "application/octet-stream", entityTag: new EntityTagHeaderValue($"\"{digest}\""), enableRangeProcessing: true)
            .ExecuteAsync(context);
    }

    /// <summary>Takes a blob and answers with its reference.</summary>
    public static async Task ReceiveAsync(HttpContext context, IBlobStore blobs, Sha256? digest, long bytesMax)
    {
        // The store counts. Kestrel's own limit lies higher: beyond it, it cuts the connection, and a sender that is still sending
        // would see that instead of the answer.
        JsonBody.LimitTo(context, checked(bytesMax + ReadOnBytes));
        if (context.Request.ContentLength > bytesMax)
        {
            await TooLargeAsync(context, bytesMax);
            return;
        }

        try
        {
            await Answers.JsonAsync(context, 200, await blobs.PutAsync(context.Request.Body, digest, bytesMax, context.RequestAborted));
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await TooLargeAsync(context, bytesMax);
        }
        catch (BlobRejectedException e) when (e.TooLarge)
        {
            await TooLargeAsync(context, bytesMax);
        }
        catch (BlobRejectedException e)
        {
            await Answers.ErrorAsync(context, 422, "rejected", e.Message);
        }
    }

    private static Task TooLargeAsync(HttpContext context, long bytesMax) =>
        Answers.ErrorAsync(context, 413, "too_large", $"A blob has at most {bytesMax} bytes here.");
}
