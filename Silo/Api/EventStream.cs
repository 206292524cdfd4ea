using Microsoft.Extensions.Options;

namespace PiGrid.Silo.Api;

/// <summary>Server-sent events of one answer: events as they come, and a comment now and then, since proxies cut off what is silent.</summary>
internal sealed class EventStream(HttpContext context, IOptions<ApiOptions> options, TimeProvider time)
{
    /// <summary>Sends the headers at once: an event may be long in coming.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        return context.Response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>Sends an event.</summary>
    /// <param name="id">Its id, which a client that connects again sends as <c>Last-Event-ID</c>; null for none.</param>
    /// <param name="kind">Its kind; null for the plain one.</param>
    /// <param name="data">Its data, one line.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task SendAsync(long? id, string? kind, string data, CancellationToken cancellationToken) => context.Response.WriteAsync(
        $"{(id is null ? "" : FormattableString.Invariant($"id: {id}\n"))}{(kind is null ? "" : $"event: {kind}\n")}data: {data}\n\n", cancellationToken);

    /// <summary>Waits for what comes next; what was sent before is on its way meanwhile.</summary>
    public async Task<bool> NextAsync(Task<bool> next, CancellationToken cancellationToken)
    {
        if (!next.IsCompleted)
        {
            await context.Response.Body.FlushAsync(cancellationToken);
        }

        while (true)
        {
            try
            {
                return await next.WaitAsync(options.Value.KeepAlive, time, cancellationToken);
            }
            catch (TimeoutException) when (!next.IsCompleted)
            {
                await context.Response.WriteAsync(": waiting\n\n", cancellationToken);
                await context.Response.Body.FlushAsync(cancellationToken);
            }
        }
    }

    /// <summary>The id of the last event that a client had before it connected again; null when it says none.</summary>
    public static long? LastId(HttpContext context) =>
        long.TryParse(context.Request.Headers["Last-Event-ID"], System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : null;
}
