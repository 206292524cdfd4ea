using Orleans;
using PiGrid.Models;

namespace PiGrid.Silo.Api.Inference;

/// <summary>The model repository extension: which versions there are, and the operator's switch that takes one out of use.</summary>
internal sealed class RepositoryRoutes(IGrainFactory grains, ModelCatalog catalog, InferenceStatistics statistics)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapPost("/v2/repository/index", gate.Any(InferenceErrors.Caught(IndexAsync)));
        foreach (var model in new[] { "/v2/repository/models/{model}", "/v2/repository/models/{model}/versions/{version}" })
        {
            routes.MapPost($"{model}/load", gate.For(InferenceErrors.Caught(LoadAsync), KeyScope.Operate));
            routes.MapPost($"{model}/unload", gate.For(InferenceErrors.Caught(UnloadAsync), KeyScope.Operate));
        }
    }

    private async Task IndexAsync(HttpContext context, CredentialInfo caller)
    {
        var body = await RepositoryBody.ReadAsync(context);
        var isReadyOnly = RepositoryBody.Flag(body, "ready", "ready");
        var models = (await catalog.AllAsync()).Where(m => !isReadyOnly || m.State == ModelState.Ready);
        await Answers.JsonAsync(context, 200, models.Select(m => new
        {
            m.Ref.Name,
            m.Ref.Version,
            State = m.State switch
            {
                ModelState.Pending => "LOADING",
                ModelState.Ready => "READY",
                ModelState.Rejected or ModelState.Unloaded => "UNAVAILABLE",
            },
            Reason = m.State == ModelState.Ready ? "" : ModelCatalog.Describe(m),
        }).ToArray());
    }

    private async Task LoadAsync(HttpContext context, CredentialInfo caller)
    {
        RepositoryBody.Parameters(await RepositoryBody.ReadAsync(context), []);
        var statuses = new List<ModelStatus>();
        foreach (var model in await NamedAsync(context))
        {
            statuses.Add((await grains.GetGrain<IModelGrain>(model.Value).Load())!);
            catalog.Forget(model);
        }

        // A model all of whose versions were rejected cannot be loaded; one that is pending loads by itself.
        if (statuses.TrueForAll(s => s.State == ModelState.Rejected))
        {
            throw new InferenceException(StatusCodes.Status409Conflict, $"Model {statuses[0].Ref} cannot be loaded: it is {ModelCatalog.Describe(statuses[0])}.");
        }

        await Answers.JsonAsync(context, 200, new { });
    }

    private async Task UnloadAsync(HttpContext context, CredentialInfo caller)
    {
        var parameters = RepositoryBody.Parameters(await RepositoryBody.ReadAsync(context), ["unload_dependents", "force"]);
        var models = await NamedAsync(context);
        var used = models.Select(m => (Model: m, statistics.Of(m).Running)).FirstOrDefault(m => m.Running > 0);
        if (used.Running > 0 && !RepositoryBody.Flag(parameters, "force", "parameters.force"))
        {
            throw new InferenceException(
                StatusCodes.Status409Conflict,
                $"Model {used.Model} is in use by {used.Running} calls: wait, or send the parameter force as true, which lets them end and takes no new ones.");
        }

        foreach (var model in models)
        {
            await grains.GetGrain<IModelGrain>(model.Value).Unload();
            catalog.Forget(model);
        }

        await Answers.JsonAsync(context, 200, new { });
    }

    private async Task<IReadOnlyList<ModelRef>> NamedAsync(HttpContext context)
    {
        var (name, version) = (context.Request.RouteValues["model"] as string ?? "", context.Request.RouteValues["version"] as string);
        var models = (await catalog.VersionsAsync(name, all: true)).Select(v => v.Ref).Where(r => version is null || r.Version == version).ToArray();
        return models.Length > 0
            ? models
            : throw new InferenceException(StatusCodes.Status404NotFound, $"There is no version '{version}' of a model '{name}'.");
    }
}
