using Microsoft.Extensions.Options;
using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Api;

/// <summary><c>/api/blobs</c>: developers' bytes in and out.</summary>
internal sealed class BlobRoutes(IBlobStore blobs, IOptions<BlobOptions> options)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapPost("/api/blobs", gate.For(
            (context, _) => BlobContent.ReceiveAsync(context, blobs, digest: null, options.Value.BytesMax), KeyScope.Submit, KeyScope.Publish));
        routes.MapPut("/api/blobs/{sha256}", gate.For(PutAsync, KeyScope.Submit, KeyScope.Publish));
        routes.MapMethods("/api/blobs/{sha256}", ["GET", "HEAD"], gate.For(GetAsync, KeyScope.Submit, KeyScope.Publish));
    }

    private async Task PutAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<Sha256>(context, "sha256") is { } digest)
        {
            await BlobContent.ReceiveAsync(context, blobs, digest, options.Value.BytesMax);
        }
    }

    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<Sha256>(context, "sha256") is { } digest)
        {
            await BlobContent.SendAsync(context, blobs, digest);
        }
    }
}
