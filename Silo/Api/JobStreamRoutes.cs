using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace PiGrid.Silo.Api;

/// <summary>What flows out of a job: events (server-sent events) and results (JSON lines).</summary>
internal sealed class JobStreamRoutes(IGrainFactory grains, IOptions<ApiOptions> options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapGet("/api/jobs/{id}/events", gate.For(EventsAsync, KeyScope.Submit));
        routes.MapGet("/api/jobs/{id}/results", gate.For(ResultsAsync, KeyScope.Submit));
    }

    private async Task EventsAsync(HttpContext context, CredentialInfo caller)
    {
        if (await FindAsync(context) is not { } job)
        {
            return;
        }

        var after = RouteValues.Number(context, "after", LastEventId(context), 0, long.MaxValue);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        // The headers go at once: an event may be long in coming.
        await context.Response.Body.FlushAsync(either.Token);
        try
        {
            await CopyAsync(context, job, after, either);
        }
        catch (Exception e) when (e is EnumerationAbortedException or OperationCanceledException or TimeoutException or OrleansException)
        {
            // The stream ends; who watches connects again and goes on after the last event.
        }
    }

    private async Task CopyAsync(HttpContext context, IJobGrain job, long after, CancellationTokenSource over)
    {
        await using var events = job.Watch(after, over.Token).GetAsyncEnumerator(over.Token);
        Task<bool> next = Task.FromResult(true);
        try
        {
            while (true)
            {
                next = events.MoveNextAsync().AsTask();
                if (!next.IsCompleted)
                {
                    await context.Response.Body.FlushAsync(over.Token);
                }

                if (!await NextAsync(context, next, over.Token))
                {
                    return;
                }

                var happened = events.Current;
                var data = JsonSerializer.Serialize(happened, GridJson.Wire);
                await context.Response.WriteAsync($"id: {happened.Sequence}\ndata: {data}\n\n", over.Token);
                if (happened.Kind == JobEventKind.JobFinished)
                {
                    return;
                }
            }
        }
        finally
        {
            // A stream cannot be disposed while its next item is awaited: that ends first, and how does not matter.
            await over.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Proxies cut off what is silent: a comment now and then keeps the stream open.
    private async Task<bool> NextAsync(HttpContext context, Task<bool> next, CancellationToken cancellationToken)
    {
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

    private async Task ResultsAsync(HttpContext context, CredentialInfo caller)
    {
        if (await FindAsync(context) is not { } job)
        {
            return;
        }

        var from = (int)RouteValues.Number(context, "from", 0, 0, int.MaxValue);
        context.Response.ContentType = "application/x-ndjson";
        var body = context.Response.Body;
        await foreach (var result in job.ReadResults(from, context.RequestAborted).WithCancellation(context.RequestAborted))
        {
            await body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(result, GridJson.Wire), context.RequestAborted);
            await body.WriteAsync(NewLine, context.RequestAborted);
        }
    }

    private async Task<IJobGrain?> FindAsync(HttpContext context)
    {
        if (await RouteValues.IdAsync<JobId>(context, "id") is not { } id)
        {
            return null;
        }

        var job = grains.GetGrain<IJobGrain>(id.Value);
        if (await job.GetStatus() is not null)
        {
            return job;
        }

        await Answers.NotFoundAsync(context, $"job {id}");
        return null;
    }

    private static long LastEventId(HttpContext context) =>
        long.TryParse(context.Request.Headers["Last-Event-ID"], System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : 0;
}
