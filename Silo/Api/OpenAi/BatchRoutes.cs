using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Batches;
using PiGrid.Grains.Batches;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary><c>/v1/batches</c>: files of infer requests, run as jobs.</summary>
internal sealed class BatchRoutes(IGrainFactory grains, OpenAiLists lists, IOptions<BatchOptions> options)
{
    private const int BodyBytesMax = 64 << 10, PageAbsent = 20, PageMax = 100;

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapPost("/v1/batches", gate.For(CreateAsync, KeyScope.Submit));
        routes.MapGet("/v1/batches", gate.For(ListAsync, KeyScope.Submit));
        routes.MapGet("/v1/batches/{id}", gate.For(GetAsync, KeyScope.Submit));
        routes.MapPost("/v1/batches/{id}/cancel", gate.For(CancelAsync, KeyScope.Submit));
    }

    private async Task CreateAsync(HttpContext context, CredentialInfo caller)
    {
        if (await JsonBody.ReadAsync<CreateBatchRequest>(context, GridJson.Wire, BodyBytesMax) is not { } request)
        {
            return;
        }

        if (BatchTerms.Check(request, options.Value.WindowMax) is { } wrong)
        {
            await OpenAiAnswers.InvalidAsync(context, wrong.Param, wrong.Reason);
            return;
        }

        var key = IdempotencyKey.Bytes(context, caller, "batch");
        if (await FileRoutes.FindAsync(grains, caller, request.InputFileId) is not { Purpose: FilePurpose.Batch } file)
        {
            await OpenAiAnswers.InvalidAsync(context, "input_file_id", $"there is no file '{request.InputFileId}' that was uploaded with the purpose 'batch'.");
            return;
        }

        // An idempotency key that was used gives what it gave, however many are open.
        if (key is null && (await lists.OwnAsync(RegistryLists.Batches, caller)).Count(e => e.Open) >= options.Value.OpenPerKeyMax)
        {
            context.Response.Headers.RetryAfter = "30";
            await OpenAiAnswers.ErrorAsync(
                context, 429, "too_many_batches", $"This key has {options.Value.OpenPerKeyMax} batches that have not ended (option Batches:OpenPerKeyMax of the silo): wait for one, or cancel one.");
            return;
        }

        await CreateAsync(context, key is null ? NewId.Batch() : BatchId.FromBytes(key), SpecOf(request, file, caller));
    }

    private async Task CreateAsync(HttpContext context, BatchId id, BatchSpec spec)
    {
        var status = await grains.GetGrain<IBatchGrain>(id.Value).Create(spec);
        await (CanonicalJson.Digest(status.Spec) == CanonicalJson.Digest(spec)
            ? OpenAiAnswers.JsonAsync(context, 200, View(status))
            : OpenAiAnswers.ErrorAsync(context, 422, "idempotency_conflict", $"The {IdempotencyKey.Header} was used for another batch: use a new one."));
    }

    private static BatchSpec SpecOf(CreateBatchRequest request, StoredFile file, CredentialInfo caller) => new()
    {
        File = file.Id,
        Input = file.Blob,
        Endpoint = request.Endpoint!,
        CompletionWindow = request.CompletionWindow!,
        Window = BatchTerms.ParseWindow(request.CompletionWindow!)!.Value,
        Metadata = request.Metadata?.ToDictionary(p => p.Key, p => p.Value!),
        OutputsExpireAfter = request.OutputExpiresAfter is { } expires ? TimeSpan.FromSeconds(expires.Seconds) : null,
        Requester = caller.Id.Value,
    };

    private Task ListAsync(HttpContext context, CredentialInfo caller) => lists.AnswerAsync(
        context, caller, RegistryLists.Batches, (PageAbsent, PageMax), id => grains.GetGrain<IBatchGrain>(id).GetStatus(), batch => batch.Id.Value, View);

    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RequireAsync(context, caller) is { } status)
        {
            await OpenAiAnswers.JsonAsync(context, 200, View(status));
        }
    }

    private async Task CancelAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RequireAsync(context, caller) is not { } found)
        {
            return;
        }

        var status = await grains.GetGrain<IBatchGrain>(found.Id.Value).Cancel() ?? found;
        await (status.State is BatchState.Completed or BatchState.Failed or BatchState.Expired
            ? OpenAiAnswers.ErrorAsync(context, 409, "batch_over", $"{status.Id} has ended ({StateOf(status)}): there is nothing to cancel.")
            : OpenAiAnswers.JsonAsync(context, 200, View(status)));
    }

    private async Task<BatchStatus?> RequireAsync(HttpContext context, CredentialInfo caller)
    {
        var text = context.Request.RouteValues["id"] as string;
        if (BatchId.TryParse(text, null, out var id)
            && await grains.GetGrain<IBatchGrain>(id.Value).GetStatus() is { } status
            && OpenAiLists.MaySee(caller, status.Spec.Requester))
        {
            return status;
        }

        await OpenAiAnswers.ErrorAsync(context, 404, "not_found", $"There is no batch '{text}'.", "id");
        return null;
    }

    private static string StateOf(BatchStatus status) => status.State switch
    {
        BatchState.Validating => "validating",
        BatchState.Failed => "failed",
        BatchState.InProgress => "in_progress",
        BatchState.Finalizing => "finalizing",
        BatchState.Completed => "completed",
        BatchState.Expired => "expired",
        BatchState.Cancelling => "cancelling",
        BatchState.Cancelled => "cancelled",
    };

    private static OpenAiBatch View(BatchStatus status) => new()
    {
        Id = status.Id.Value,
        Endpoint = status.Spec.Endpoint,
        Model = status.Model?.Value,
        Errors = status.Errors.Count == 0 ? null : new(status.Errors),
        InputFileId = status.Spec.File.Value,
        CompletionWindow = status.Spec.CompletionWindow,
        Status = StateOf(status),
        OutputFileId = status.Output?.Value,
        ErrorFileId = status.ErrorFile?.Value,
        CreatedAt = OpenAiAnswers.Seconds(status.Times.CreatedAt),
        InProgressAt = OpenAiAnswers.Seconds(status.Times.InProgressAt),
        ExpiresAt = OpenAiAnswers.Seconds(status.Times.ExpiresAt),
        FinalizingAt = OpenAiAnswers.Seconds(status.Times.FinalizingAt),
        CompletedAt = OpenAiAnswers.Seconds(status.Times.CompletedAt),
        FailedAt = OpenAiAnswers.Seconds(status.Times.FailedAt),
        ExpiredAt = OpenAiAnswers.Seconds(status.Times.ExpiredAt),
        CancellingAt = OpenAiAnswers.Seconds(status.Times.CancellingAt),
        CancelledAt = OpenAiAnswers.Seconds(status.Times.CancelledAt),
        RequestCounts = new(status.Total, status.Completed, status.Failed),
        Metadata = status.Spec.Metadata,
        QueueReason = status.QueueReason,
    };
}
