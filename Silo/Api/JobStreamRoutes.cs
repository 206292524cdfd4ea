using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace PiGrid.Silo.Api;

/// <summary>What flows out of a job: events (server-sent events), results (JSON lines, or server-sent events as they come), and all of it as an archive.</summary>
internal sealed class JobStreamRoutes(IGrainFactory grains, IOptions<ApiOptions> options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapGet("/api/jobs/{id}/events", gate.For((context, _) => FollowAsync(context, EventsAsync), KeyScope.Submit));
        routes.MapGet("/api/jobs/{id}/results", gate.For(ResultsAsync, KeyScope.Submit));
        routes.MapGet("/api/jobs/{id}/archive", gate.For(ArchiveAsync, KeyScope.Submit));
    }

    private async Task FollowAsync(HttpContext context, Func<HttpContext, IJobGrain, EventStream, CancellationTokenSource, Task> copy)
    {
        if (await FindAsync(context) is not { } job)
        {
            return;
        }

        var stream = new EventStream(context, options, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await stream.StartAsync(either.Token);
            await copy(context, job, stream, either);
        }
        catch (Exception e) when (e is EnumerationAbortedException or OperationCanceledException or TimeoutException or OrleansException)
        {
            // The stream ends; who watches connects again and goes on after the last event.
        }
    }

    private static async Task EventsAsync(HttpContext context, IJobGrain job, EventStream stream, CancellationTokenSource over)
    {
        var after = RouteValues.Number(context, "after", EventStream.LastId(context) ?? 0, 0, long.MaxValue);
        await EachAsync(
            job,
            after,
            stream,
            over,
            happened => stream.SendAsync(happened.Sequence, null, JsonSerializer.Serialize(happened, GridJson.Wire), over.Token),
            static () => Task.CompletedTask);
    }

    /// <summary>Results in the order of the inputs, each once all before it are there, until the job is over; then how it stands, as an event <c>end</c>.</summary>
    private static async Task FollowResultsAsync(HttpContext context, IJobGrain job, EventStream stream, CancellationTokenSource over)
    {
        var next = (int)RouteValues.Number(context, "from", Math.Clamp((EventStream.LastId(context) ?? -1) + 1, 0, int.MaxValue), 0, int.MaxValue);
        async Task ReadAsync()
        {
            await foreach (var result in job.ReadResults(next, over.Token).WithCancellation(over.Token))
            {
                await stream.SendAsync(result.Index, null, JsonSerializer.Serialize(result, GridJson.Wire), over.Token);
                next = result.Index + 1;
            }
        }

        // Not at every event: at the beginning there are many that happened long ago.
        var isMore = true;
        async Task ReadMoreAsync()
        {
            if (isMore)
            {
                isMore = false;
                await ReadAsync();
            }
        }

        await EachAsync(
            job,
            0,
            stream,
            over,
            happened =>
            {
                isMore |= happened.Kind is JobEventKind.ShardAccepted or JobEventKind.ShardFailed or JobEventKind.JobFinished;
                return happened.Kind == JobEventKind.JobFinished ? ReadMoreAsync() : Task.CompletedTask;
            },
            ReadMoreAsync);
        await stream.SendAsync(null, "end", JsonSerializer.Serialize(await job.GetStatus(), GridJson.Wire), context.RequestAborted);
    }

    /// <summary>All that happens to a job until it is over.</summary>
    /// <param name="job">The job.</param>
    /// <param name="after">The last event that is known.</param>
    /// <param name="stream">What keeps the connection open meanwhile.</param>
    /// <param name="over">Is cancelled at the end.</param>
    /// <param name="each">Takes an event.</param>
    /// <param name="idle">Is called when no more events are there.</param>
    private static async Task EachAsync(IJobGrain job, long after, EventStream stream, CancellationTokenSource over, Func<JobEvent, Task> each, Func<Task> idle)
    {
        await using var events = job.Watch(after, over.Token).GetAsyncEnumerator(over.Token);
        Task<bool> next = Task.FromResult(true);
        try
        {
            var isOver = false;
            while (!isOver)
            {
                next = events.MoveNextAsync().AsTask();
                await (next.IsCompleted ? Task.CompletedTask : idle());
                if (!await stream.NextAsync(next, over.Token))
                {
                    return;
                }

                await each(events.Current);
                isOver = events.Current.Kind == JobEventKind.JobFinished;
            }
        }
        finally
        {
            // A stream cannot be disposed while its next item is awaited: that ends first, and how does not matter.
            await over.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ResultsAsync(HttpContext context, CredentialInfo caller)
    {
        if (context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            await FollowAsync(context, FollowResultsAsync);
            return;
        }

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

    private async Task ArchiveAsync(HttpContext context, CredentialInfo caller)
    {
        if (await FindAsync(context) is not { } job)
        {
            return;
        }

        if (await job.GetStatus() is not { IsTerminal: true } status)
        {
            await Answers.ErrorAsync(context, 409, "running", "The job has not ended: an archive has all its results. Wait for its end, or read the results that are there from its results route.");
            return;
        }

        await JobArchive.SendAsync(context, job, status);
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
}
