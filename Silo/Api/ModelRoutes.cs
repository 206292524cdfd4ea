using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Models;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Api;

/// <summary><c>/api/models</c>: publish and look up model versions.</summary>
internal sealed class ModelRoutes(IGrainFactory grains, Lists lists, IOptions<ApiOptions> options, IOptions<HttpOptions> http, TimeProvider time)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapPost("/api/models", gate.For(PublishAsync, KeyScope.Publish));
        routes.MapGet("/api/models", gate.Any((context, _) =>
            lists.AnswerAsync(context, RegistryLists.Models, id => grains.GetGrain<IModelGrain>(id).GetStatus())));
        routes.MapGet("/api/models/{name}/versions/{version}", gate.Any(GetAsync));
    }

    private async Task PublishAsync(HttpContext context, CredentialInfo caller)
    {
        // A document that people write: a misspelt member is an error, not something to ignore.
        if (await JsonBody.ReadAsync<ModelManifest>(context, GridJson.Document, http.Value.JsonBytesMax) is not { } manifest)
        {
            return;
        }

        if (!ModelRef.TryParse($"{manifest.Name}@{manifest.Version}", null, out var model))
        {
            const string Form = "Name and version have 1 to 64 letters, digits, '.', '_' or '-', and start with a letter or digit.";
            await Answers.ErrorAsync(context, 422, "invalid", Form, [new("name", "invalid", Form), new("version", "invalid", Form)]);
            return;
        }

        var grain = grains.GetGrain<IModelGrain>(model.Value);
        var isNew = await grain.GetStatus() is null;
        var outcome = await grain.Publish(manifest);
        if (outcome.Status is not null)
        {
            await Answers.JsonAsync(context, isNew ? 201 : 200, outcome);
            return;
        }

        var isTaken = outcome.Errors.Any(e => e.Code == "conflict");
        await Answers.ErrorAsync(
            context,
            isTaken ? 409 : 422,
            isTaken ? "conflict" : "invalid",
            $"{model} cannot be published: " + string.Join(" ", outcome.Errors.Select(e => $"{e.Field}: {e.Message}")),
            outcome.Errors);
    }

    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        var (name, version) = (context.Request.RouteValues["name"] as string, context.Request.RouteValues["version"] as string);
        if (!ModelRef.TryParse($"{name}@{version}", null, out var model))
        {
            await Answers.NotFoundAsync(context, $"model version {name}@{version}");
            return;
        }

        var grain = grains.GetGrain<IModelGrain>(model.Value);
        var until = time.GetUtcNow() + RouteValues.Wait(context, options.Value.WaitMax);
        var status = await grain.GetStatus();
        while (status is { State: ModelState.Pending } && time.GetUtcNow() < until)
        {
            await Task.Delay(options.Value.ModelPoll, time, context.RequestAborted);
            status = await grain.GetStatus();
        }

        await (status is null ? Answers.NotFoundAsync(context, $"model version {model}") : Answers.JsonAsync(context, 200, status));
    }
}
