using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using PiGrid.Silo.Api;

namespace PiGrid.Silo.Dashboard;

/// <summary>
/// The dashboard's page and its files, which are inside the program. The page is public and holds no data. Its files lie under a folder that is named after the digest of
/// them all, so that browsers keep them for good and never mix two versions.
/// </summary>
internal sealed class DashboardFiles(IOptions<DashboardOptions> options, IOptions<ApiOptions> api)
{
    private const string Prefix = "dashboard/", Folder = "{{files}}", Anonymous = "{{anonymous}}", PageName = "index.html";

    // Everything comes from here, nothing is inline, nobody may frame it, and text never becomes markup (trusted types).
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Maps the page and its files; nothing when it is switched off.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        if (!options.Value.Enabled)
        {
            return;
        }

        var files = Read();
        var version = Convert.ToHexStringLower(SHA256.HashData([.. files.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => SHA256.HashData(f.Value))]))[..16];
        var folder = $"/dashboard/{version}/";

        // Whether it is worth asking for data without a key.
        var isAnonymous = api.Value.Anonymous.Length > 0;
        var page = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files[PageName])
            .Replace(Folder, folder, StringComparison.Ordinal)
            .Replace(Anonymous, isAnonymous ? "true" : "false", StringComparison.Ordinal));
        var pageTag = $"\"{version}{(isAnonymous ? "-open" : "")}\"";
        RequestDelegate home = context => SendAsync(context, page, "text/html; charset=utf-8", "no-cache", pageTag);
        routes.MapMethods("/", ["GET", "HEAD"], home);
        foreach (var (name, bytes) in files.Where(file => file.Key != PageName))
        {
            RequestDelegate file = context => SendAsync(context, bytes, TypeOf(name), "public, max-age=31536000, immutable", pageTag);
            routes.MapMethods(folder + name, ["GET", "HEAD"], file);
        }
    }

    private static Dictionary<string, byte[]> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, byte[]>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var from = assembly.GetManifestResourceStream(name)!;
            using var to = new MemoryStream();
            from.CopyTo(to);
            files.Add(name[Prefix.Length..], to.ToArray());
        }

        return files;
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The dashboard has no files with '{other}'."),
    };

    private static async Task SendAsync(HttpContext context, byte[] bytes, string type, string caching, string tag)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = caching;
        headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }
}
