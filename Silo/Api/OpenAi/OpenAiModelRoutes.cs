using PiGrid.Models;
using PiGrid.Silo.Api.Inference;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary><c>/v1/models</c>: the model versions that calls may use, as <c>NAME@VERSION</c>.</summary>
internal sealed class OpenAiModelRoutes(ModelCatalog catalog)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapGet("/v1/models", gate.Any(ListAsync));
        routes.MapGet("/v1/models/{id}", gate.Any(GetAsync));
    }

    private async Task ListAsync(HttpContext context, CredentialInfo caller) => await OpenAiAnswers.JsonAsync(context, 200, new OpenAiModels(
        (await catalog.AllAsync()).Where(m => m.State == ModelState.Ready).Select(m => View(m, m.Ref.Value)).ToArray()));

    // NAME alone is the newest version, as on the infer route.
    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        var id = context.Request.RouteValues["id"] as string ?? "";
        var at = id.IndexOf('@', StringComparison.Ordinal);
        try
        {
            await OpenAiAnswers.JsonAsync(context, 200, View(await catalog.RequireAsync(at < 0 ? id : id[..at], at < 0 ? null : id[(at + 1)..]), id));
        }
        catch (InferenceException e)
        {
            await OpenAiAnswers.ErrorAsync(context, e.Status, e.Status == 404 ? "model_not_found" : "model_not_ready", e.Message, "model");
        }
    }

    private static OpenAiModel View(ModelStatus model, string id) => new(id, OpenAiAnswers.Seconds(model.PublishedAt), model.Manifest.Publisher);
}
