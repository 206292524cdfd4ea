using Microsoft.Extensions.Options;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Security;
using PiGrid.Grains.Storage;
using PiGrid.Silo.Api;

namespace PiGrid.Silo.Gateway;

/// <summary>
/// <c>/node/blobs/{sha256}</c>: what a node reads and uploads under the grant of a lease. Knowing a digest opens nothing: the grant names the blobs.
/// </summary>
internal sealed class NodeBlobRoutes(
    IBlobStore blobs, IGridSigner signer, TimeProvider time, IOptions<JobOptions> jobs, IOptions<GatewayOptions> gateway)
{
    private const string Scheme = "Grant ";

    private readonly UploadLedger _uploads = new(gateway.Value.UploadsPerLeaseMax, time);

    /// <summary>Sends a blob, or a range of it.</summary>
    public async Task GetAsync(HttpContext context)
    {
        if (await AuthorizeAsync(context) is not var (grant, digest))
        {
            return;
        }

        if (!grant.Names(digest))
        {
            await Answers.ErrorAsync(context, 403, "forbidden", $"The grant of lease {grant.Lease} does not name this blob.");
            return;
        }

        await BlobContent.SendAsync(context, blobs, digest);
    }

    /// <summary>Takes an output.</summary>
    public async Task PutAsync(HttpContext context)
    {
        if (await AuthorizeAsync(context) is not var (grant, digest))
        {
            return;
        }

        if (!_uploads.Allows(grant.Lease, digest, grant.ExpiresAt))
        {
            await Answers.ErrorAsync(
                context, 409, "too_many_uploads", $"Lease {grant.Lease} has uploaded {gateway.Value.UploadsPerLeaseMax} different outputs, which is all that it may.");
            return;
        }

        await BlobContent.ReceiveAsync(context, blobs, digest, jobs.Value.OutputBytesMax);
    }

    private async Task<(BlobGrant Grant, Sha256 Digest)?> AuthorizeAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var grant = header.StartsWith(Scheme, StringComparison.Ordinal)
            ? BlobGrant.TryRead(header[Scheme.Length..], signer, time.GetUtcNow())
            : null;
        if (grant is null)
        {
            await Answers.ErrorAsync(
                context, 401, "unauthorized", "A blob is read and written under the grant of an assignment ('Authorization: Grant TOKEN'); this one is missing, over, or not this grid's.");
            return null;
        }

        if (!Sha256.TryParse(context.Request.RouteValues["sha256"] as string, null, out var digest))
        {
            await Answers.ErrorAsync(context, 400, "invalid", "A blob's name is its SHA-256 digest: 64 hexadecimal characters.");
            return null;
        }

        return (grant, digest);
    }
}
