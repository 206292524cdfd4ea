using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Api;
using PiGrid.Grains.Telemetry;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Api;

/// <summary><c>/api/jobs</c>: submit, look, cancel, delete, retry.</summary>
internal sealed class JobRoutes(IGrainFactory grains, Lists lists, JobWaiter waiter, IOptions<ApiOptions> options, IOptions<HttpOptions> http)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapPost("/api/jobs", gate.For(SubmitAsync, KeyScope.Submit));
        routes.MapPost("/api/jobs/estimate", gate.For(EstimateAsync, KeyScope.Submit));
        routes.MapGet("/api/jobs", gate.For(ListAsync, KeyScope.Submit));
        routes.MapGet("/api/jobs/{id}", gate.For(GetAsync, KeyScope.Submit));
        routes.MapDelete("/api/jobs/{id}", gate.For(DeleteAsync, KeyScope.Submit));
        routes.MapPost("/api/jobs/{id}/cancel", gate.For(CancelAsync, KeyScope.Submit));
        routes.MapPost("/api/jobs/{id}/retry", gate.For(RetryAsync, KeyScope.Submit));
    }

    // The grid's own jobs, which validate models, are nobody's: operators see them with validations=true.
    private async Task ListAsync(HttpContext context, CredentialInfo caller)
    {
        if (await JobFilter.ReadAsync(context) is { } filter)
        {
            var query = context.Request.Query;
            var (withInternal, isOpenOnly) = (caller.Kind == CredentialKind.Operator && query["validations"] == "true", query["open"] == "true");
            await lists.AnswerAsync(
                context,
                RegistryLists.Jobs,
                id => grains.GetGrain<IJobGrain>(id).GetStatus(),
                entry => (withInternal || !entry.Internal) && (entry.Open || !isOpenOnly) && filter.MayHave(entry),
                filter.Has);
        }
    }

    private async Task EstimateAsync(HttpContext context, CredentialInfo caller)
    {
        if (await JsonBody.ReadAsync<JobQuestion>(context, GridJson.Wire, http.Value.JsonBytesMax) is { } question)
        {
            var estimate = await grains.GetGrain<IJobGrain>(NewId.Job().Value).Estimate(question);
            await (estimate.Errors.Count == 0 ? Answers.JsonAsync(context, 200, estimate) : RefuseAsync(context, estimate.Errors));
        }
    }

    private static Task RefuseAsync(HttpContext context, IReadOnlyList<FieldError> errors) => Answers.ErrorAsync(
        context, 422, "invalid", "The job is refused: " + string.Join(" ", errors.Select(e => $"{e.Field}: {e.Message}")), errors);

    private async Task SubmitAsync(HttpContext context, CredentialInfo caller)
    {
        if (await JsonBody.ReadAsync<SubmitJobRequest>(context, GridJson.Wire, http.Value.JsonBytesMax) is { } request)
        {
            var id = request.Id ?? (IdempotencyKey.Bytes(context, caller, "job") is { } bytes ? JobId.FromBytes(bytes) : NewId.Job());
            await SubmitAsync(context, id, request.Spec with { Requester = caller.Id.Value, Batch = null });
        }
    }

    private async Task SubmitAsync(HttpContext context, JobId id, JobSpec spec)
    {
        var job = grains.GetGrain<IJobGrain>(id.Value);
        var admission = await job.Submit(spec with { Trace = GridTrace.Current }, context.RequestAborted);
        if (admission.RetryAfter is { } retryAfter)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await Answers.ErrorAsync(context, 429, admission.Errors[0].Code, admission.Errors[0].Message);
            return;
        }

        if (admission.Accepted is not { } accepted)
        {
            await RefuseAsync(context, admission.Errors);
            return;
        }

        var status = await waiter.WaitAsync(job, accepted, RouteValues.Wait(context, options.Value.WaitMax), context.RequestAborted) ?? accepted;
        context.Response.Headers.Location = $"/api/jobs/{id}";
        await AnswerAsync(context, job, status, status.IsTerminal ? 200 : 202);
    }

    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<JobId>(context, "id") is not { } id)
        {
            return;
        }

        var job = grains.GetGrain<IJobGrain>(id.Value);
        var status = await waiter.WaitAsync(job, await job.GetStatus(), RouteValues.Wait(context, options.Value.WaitMax), context.RequestAborted);
        await (status is null ? Answers.NotFoundAsync(context, $"job {id}") : AnswerAsync(context, job, status, 200));
    }

    // An ended job's results can travel with its status (include=results), so that a short job takes one round trip.
    private async Task AnswerAsync(HttpContext context, IJobGrain job, JobStatus status, int code)
    {
        if (context.Request.Query["include"] != "results")
        {
            await Answers.JsonAsync(context, code, status);
            return;
        }

        List<JobResult>? results = null;
        if (status.IsTerminal && status.Inputs <= options.Value.IncludedResultsMax)
        {
            results = [];
            await foreach (var result in job.ReadResults(0, context.RequestAborted).WithCancellation(context.RequestAborted))
            {
                results.Add(result);
            }
        }

        await Answers.JsonAsync(context, code, new JobAnswer(status, results));
    }

    private async Task CancelAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<JobId>(context, "id") is { } id && await Reasons.ReadAsync(context) is { } reason)
        {
            var status = await grains.GetGrain<IJobGrain>(id.Value).Cancel(reason);
            await (status is null ? Answers.NotFoundAsync(context, $"job {id}") : Answers.JsonAsync(context, 200, status));
        }
    }

    private async Task DeleteAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<JobId>(context, "id") is not { } id)
        {
            return;
        }

        var job = grains.GetGrain<IJobGrain>(id.Value);
        if (await job.GetStatus() is null)
        {
            await Answers.NotFoundAsync(context, $"job {id}");
        }
        else if (await job.Delete(context.RequestAborted))
        {
            context.Response.StatusCode = 204;
        }
        else
        {
            await Answers.ErrorAsync(context, 409, "running", $"{id} has not ended: cancel it first, or wait for its end.");
        }
    }

    private async Task RetryAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<JobId>(context, "id") is not { } id)
        {
            return;
        }

        var job = grains.GetGrain<IJobGrain>(id.Value);
        if (await job.GetStatus() is not { } status)
        {
            await Answers.NotFoundAsync(context, $"job {id}");
        }
        else if (await job.PrepareRetry() is { } spec)
        {
            var again = IdempotencyKey.Bytes(context, caller, $"retry {id}") is { } bytes ? JobId.FromBytes(bytes) : NewId.Job();
            await SubmitAsync(context, again, spec with { Requester = caller.Id.Value });
        }
        else
        {
            await Answers.ErrorAsync(context, 409, "nothing_to_retry", status.IsTerminal
                ? $"No input of {id} failed: there is nothing to retry."
                : $"{id} has not ended: wait for its end, then retry what failed.");
        }
    }
}
