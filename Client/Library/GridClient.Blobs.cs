using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using PiGrid.Client.Http;

namespace PiGrid.Client;

/// <content>Content-addressed bytes. What the grid already has is not sent again.</content>
public sealed partial class GridClient
{
    private static readonly MediaTypeHeaderValue Bytes = new("application/octet-stream");

    /// <summary>Whether the grid has the blob.</summary>
    public async Task<bool> HasBlobAsync(Sha256 digest, CancellationToken cancellationToken = default)
    {
        try
        {
            using var response = await _transport
                .OpenAsync(new GridCall(HttpMethod.Head, $"api/blobs/{digest}") { Safe = true }, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (GridApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>Uploads bytes, unless the grid has them.</summary>
    public async Task<BlobRef> UploadAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        var blob = new BlobRef(Sha256.Of(bytes.Span), bytes.Length);
        await PutAsync(blob, () => new ReadOnlyMemoryContent(bytes), cancellationToken).ConfigureAwait(false);
        return blob;
    }

    /// <summary>Uploads a file, unless the grid has it. The file is read twice: once for its digest, once to send it.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<BlobRef> UploadFileAsync(string path, CancellationToken cancellationToken = default)
    {
        BlobRef blob;
        await using (var file = OpenFile(path))
        {
            blob = new BlobRef(new Sha256(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false)), file.Length);
        }

        await PutAsync(blob, () => new StreamContent(OpenFile(path), 1 << 16), cancellationToken).ConfigureAwait(false);
        return blob;
    }

    /// <summary>Opens a blob for reading; the caller disposes the stream.</summary>
    /// <exception cref="GridApiException">There is no such blob, or the key may not read it.</exception>
    public async Task<Stream> OpenBlobAsync(Sha256 digest, CancellationToken cancellationToken = default)
    {
        var response = await _transport
            .OpenAsync(GridCall.Get($"api/blobs/{digest}") with { Accept = "*/*" }, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task PutAsync(BlobRef blob, Func<HttpContent> content, CancellationToken cancellationToken)
    {
        if (await HasBlobAsync(blob.Sha256, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        // The digest in the address makes the upload safe to send again: the grid refuses other bytes under it.
        var call = new GridCall(HttpMethod.Put, $"api/blobs/{blob.Sha256}")
        {
            Safe = true,
            Content = () =>
            {
                var body = content();
                body.Headers.ContentType = Bytes;
                body.Headers.ContentLength = blob.Size;
                return body;
            },
        };
        using var response = await _transport.OpenAsync(call, cancellationToken).ConfigureAwait(false);
    }

    private static FileStream OpenFile(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
}
