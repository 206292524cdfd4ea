using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using PiGrid.Silo.Api;

namespace PiGrid.Silo.Telemetry.Prometheus;

/// <summary><c>GET /metrics</c>: for programs on this machine and for keys with the scope <c>operate</c>, unless it is open to all.</summary>
internal sealed class MetricsRoute(MetricCollector metrics, IOptions<TelemetryOptions> options)
{
    /// <summary>Maps the route.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        if (options.Value.Prometheus)
        {
            var withKey = gate.For((context, _) => AnswerAsync(context), KeyScope.Operate);
            routes.MapGet("/metrics", (RequestDelegate)(context => options.Value.PrometheusOpen || IsNear(context) ? AnswerAsync(context) : withKey(context)));
        }
    }

    // A proxy on this machine comes from here with requests of everybody; what it forwards says so.
    private static bool IsNear(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded") && !context.Request.Headers.ContainsKey("Via");

    private async Task AnswerAsync(HttpContext context)
    {
        var bytes = Encoding.UTF8.GetBytes(metrics.Read());
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
