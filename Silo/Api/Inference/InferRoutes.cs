using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Grains.Online;
using PiGrid.Grains.Telemetry;

namespace PiGrid.Silo.Api.Inference;

/// <summary><c>POST /v2/models/{model}[/versions/{version}]/infer</c>.</summary>
internal sealed class InferRoutes(
    IGrainFactory grains, ModelCatalog catalog, InferenceLoad load, InferenceStatistics statistics, IOptions<ApiOptions> options, IOptions<OnlineOptions> online,
    TimeProvider time)
{
    private TimeSpan TimeoutAbsent => options.Value.InferenceTimeout < online.Value.TimeoutMax ? options.Value.InferenceTimeout : online.Value.TimeoutMax;

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        var handler = gate.For(InferenceErrors.Caught(InferAsync), KeyScope.Infer);
        routes.MapPost("/v2/models/{model}/infer", handler);
        routes.MapPost("/v2/models/{model}/versions/{version}/infer", handler);
    }

    private async Task InferAsync(HttpContext context, CredentialInfo caller)
    {
        var model = ModelView.Of(await catalog.RequireAsync(context.Request.RouteValues["model"] as string ?? "", context.Request.RouteValues["version"] as string));
        using var counting = statistics.Begin(model.Ref);
        var jsonLength = InferenceBody.JsonLength(context.Request.Headers);
        using var room = load.Enter(context.Request.ContentLength);
        var request = await InferenceBody.ReadAsync(context, jsonLength, options.Value.InferenceBytesMax);
        var terms = CallTerms.Read(request.Parameters, TimeoutAbsent, time.GetUtcNow());
        CallInput.Check(model, request.Outputs);
        var call = new InferenceCall
        {
            Model = model.Ref,
            Input = CallInput.Of(model, request),
            Policy = terms.Policy,
            Timeout = terms.Timeout,
            Requester = caller.Id.Value,
            Placement = terms.Placement,
            Trace = GridTrace.Current,
        };
        var id = IdempotencyKey.Bytes(context, caller, "call") is { } bytes ? new ShardId(JobId.CallFromBytes(bytes), 0) : NewId.Call();
        var answer = await grains.GetGrain<IInferenceGrain>(id.Value).Infer(call, context.RequestAborted);
        AnswerFacts.SetHeaders(context.Response.Headers, answer);
        if (Failures.Of(answer) is { } failure)
        {
            throw failure;
        }

        var outputs = Choose(AnswerTensors.Of(answer.Output!), request.Outputs, terms.BinaryOutput);
        var response = InferenceResponse.Write(request, model.Ref, answer, outputs);
        counting.Answer = answer;
        await response.SendAsync(context);
    }

    private static (AnswerTensor Tensor, bool Binary)[] Choose(
        IReadOnlyList<AnswerTensor> tensors, IReadOnlyList<RequestedOutput>? wanted, bool isBinary) => wanted is null
        ? [.. tensors.Select(t => (t, isBinary))]
        : [.. wanted.Select((w, i) => (
            tensors.FirstOrDefault(t => t.Name == w.Name) ?? throw InferenceException.Invalid($"outputs[{i}].name", $"there is no output '{w.Name}'."),
            w.Binary ?? isBinary))];
}
