using PiGrid.Models;

namespace PiGrid.Silo.Api.Inference;

/// <summary>The statistics extension: what this silo has answered since it started.</summary>
internal sealed class StatisticsRoutes(ModelCatalog catalog, InferenceStatistics statistics)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        var handler = gate.Any(InferenceErrors.Caught(GetAsync));
        routes.MapGet("/v2/models/stats", handler);
        routes.MapGet("/v2/models/{model}/stats", handler);
        routes.MapGet("/v2/models/{model}/versions/{version}/stats", handler);
    }

    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        var (name, version) = (context.Request.RouteValues["model"] as string, context.Request.RouteValues["version"] as string);
        var models = name is null ? (await catalog.AllAsync()).Where(m => m.State == ModelState.Ready)
            : version is null ? await catalog.VersionsAsync(name, all: true)
            : [await catalog.RequireAsync(name, version)];
        await Answers.JsonAsync(context, 200, new { ModelStats = models.Select(m => Describe(m.Ref, statistics.Of(m.Ref))).ToArray() });
    }

    private static object Describe(ModelRef model, VersionStatistics counted)
    {
        var (none, after) = (default(DurationStatistic), new DurationStatistic(counted.Model.Count, 0));
        return new
        {
            model.Name,
            model.Version,
            LastInference = counted.LastAt?.ToUnixTimeMilliseconds() ?? 0,
            InferenceCount = counted.Success.Count,
            ExecutionCount = counted.Success.Count,
            InferenceStats = new
            {
                counted.Success,
                counted.Fail,
                counted.Queue,
                ComputeInput = counted.Around,
                ComputeInfer = counted.Model,
                ComputeOutput = after,
                CacheHit = none,
                CacheMiss = none,
            },
            BatchStats = counted.Success.Count == 0
                ? Array.Empty<object>()
                : [new { BatchSize = 1, ComputeInput = counted.Around, ComputeInfer = counted.Model, ComputeOutput = after }],
        };
    }
}
