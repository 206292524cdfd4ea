using System.Text.Json;

namespace PiGrid.Silo.Api.OpenApi;

/// <summary><c>GET /openapi.json</c>, for everybody: it says nothing that this program's source does not.</summary>
internal static class OpenApiRoute
{
    private static readonly Lazy<byte[]> Document = new(() => JsonSerializer.SerializeToUtf8Bytes(OpenApiDocument.Write(Operations.All), GridJson.Indented));

    /// <summary>Maps the route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/openapi.json", (RequestDelegate)(async context =>
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Document.Value.Length;
        await context.Response.Body.WriteAsync(Document.Value, context.RequestAborted);
    }));
}
