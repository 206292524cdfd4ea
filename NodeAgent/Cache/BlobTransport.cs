using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using PiGrid.NodeAgent.Telemetry;

namespace PiGrid.NodeAgent.Cache;

/// <summary>Moves blobs between the grid and this node under a lease's grant, within the volunteer's bandwidth.</summary>
internal sealed class BlobTransport(HttpClient http, Identity.GridAddress address, BandwidthCap cap, TimeProvider time)
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>The longest wait for the next bytes before a transfer counts as broken.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Downloads what is missing of a blob to the end of a file. When it fails, what has come stays in the file.</summary>
    /// <exception cref="HttpRequestException">The grid refuses (with a status) or cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke, or the disk is full.</exception>
    /// <exception cref="TimeoutException">No bytes came for too long.</exception>
    public async Task DownloadAsync(BlobRef blob, string grant, FileStream file, CancellationToken cancellationToken)
    {
        using var span = AgentTrace.Step(AgentTrace.Fetch);
        span?.SetTag("pigrid.blob.size", blob.Size);
        using var silent = new CancellationTokenSource(SilenceMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silent.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address.Blob(blob.Sha256));
            request.Headers.Authorization = new AuthenticationHeaderValue("Grant", grant);
            if (file.Length > 0)
            {
                request.Headers.Range = new RangeHeaderValue(file.Length, null);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                file.SetLength(0);
            }

            response.EnsureSuccessStatusCode();
            if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != file.Length)
            {
                // The whole blob comes, whatever was asked for.
                file.SetLength(0);
            }

            file.Seek(0, SeekOrigin.End);
            await CopyAsync(await response.Content.ReadAsStreamAsync(either.Token), file, blob.Size, silent, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No bytes of blob {blob.Sha256} came for {SilenceMax.TotalSeconds:0} s.");
        }
    }

    /// <summary>Uploads an output.</summary>
    /// <exception cref="HttpRequestException">The grid refuses (with a status) or cannot be reached.</exception>
    public async Task UploadAsync(Sha256 digest, byte[] bytes, string grant, CancellationToken cancellationToken)
    {
        await cap.TakeAsync(bytes.Length, cancellationToken);
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var request = new HttpRequestMessage(HttpMethod.Put, address.Blob(digest)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Grant", grant);
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new HttpRequestException($"The upload was refused with status {(int)response.StatusCode}: {body[..Math.Min(body.Length, 200)]}", null, response.StatusCode);
        }
    }

    private async Task CopyAsync(Stream from, FileStream to, long sizeMax, CancellationTokenSource silent, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (await from.ReadAsync(buffer.AsMemory(0, ChunkBytes), cancellationToken) is var count && count > 0)
            {
                if (to.Length + count > sizeMax)
                {
                    to.SetLength(0);
                    throw new HttpRequestException($"The grid sends more than the blob's {sizeMax} bytes.");
                }

                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                silent.CancelAfter(Timeout.InfiniteTimeSpan);
                await cap.TakeAsync(count, cancellationToken);
                silent.CancelAfter(SilenceMax);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
