using System.Diagnostics;

namespace PiGrid.Silo.Telemetry;

/// <summary>
/// Completes the web server's span of a request with what OpenTelemetry calls it. Requests of nodes and health checks are left out of traces: a node's session lasts for
/// days, and neither belongs to a caller. The query is never told: others may put a secret there.
/// </summary>
internal sealed class RequestSpans(RequestDelegate next)
{
    /// <summary>Where the web server's spans come from.</summary>
    public const string Source = "Microsoft.AspNetCore";

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (Activity.Current is not { IsAllDataRequested: true } span || span.Source.Name != Source)
        {
            await next(context);
            return;
        }

        if (IsLeftOut(context.Request.Path))
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            await next(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            Complete(span, context);
        }
    }

    private static bool IsLeftOut(PathString path) =>
        path.StartsWithSegments("/node", StringComparison.Ordinal) || path.StartsWithSegments("/health", StringComparison.Ordinal)
        || path.StartsWithSegments("/v2/health", StringComparison.Ordinal) || path.StartsWithSegments("/metrics", StringComparison.Ordinal);

    private static void Complete(Activity span, HttpContext context)
    {
        var request = context.Request;
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? request.Method : $"{request.Method} {route}";
        span.SetTag("http.request.method", request.Method);
        span.SetTag("http.route", route);
        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("url.path", request.Path.Value);
        span.SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.StatusCode >= 500)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
