using PiGrid.Models;
using PiGrid.Silo.Hosting;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Api.Inference;

/// <summary>The server and its models: metadata and health. The server's health needs no key.</summary>
internal sealed class ServerRoutes(ModelCatalog catalog, Readiness readiness)
{
    private const string Platform = "onnx_onnxv1";

    private static readonly string[] Extensions = ["binary_tensor_data", "model_repository", "parameters", "statistics"];

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        RequestDelegate live = static context => Answers.JsonAsync(context, 200, new { Live = true });
        routes.MapGet("/v2/health/live", live);
        RequestDelegate ready = context => readiness.Waits is { } reason
            ? Answers.JsonAsync(context, 503, new { Ready = false, Error = reason })
            : Answers.JsonAsync(context, 200, new { Ready = true });
        routes.MapGet("/v2/health/ready", ready);

        routes.MapGet("/v2", gate.Any(static (context, _) =>
            Answers.JsonAsync(context, 200, new { Name = "pigrid", SiloHost.Version, Extensions })));
        routes.MapGet("/v2/models", gate.Any(ListAsync));
        foreach (var model in new[] { "/v2/models/{model}", "/v2/models/{model}/versions/{version}" })
        {
            routes.MapGet(model, gate.Any(InferenceErrors.Caught(DescribeAsync)));
            routes.MapGet($"{model}/ready", gate.Any(InferenceErrors.Caught(ReadyAsync)));
        }
    }

    private async Task ListAsync(HttpContext context, CredentialInfo caller)
    {
        var ready = (await catalog.AllAsync()).Where(m => m.State == ModelState.Ready);
        await Answers.JsonAsync(context, 200, new { Models = ready.Select(m => m.Ref.Name).Distinct().ToArray() });
    }

    private async Task DescribeAsync(HttpContext context, CredentialInfo caller)
    {
        var (name, version) = Named(context);
        var model = ModelView.Of(await catalog.RequireAsync(name, version));
        var versions = (await catalog.VersionsAsync(name, all: true)).Where(v => v.State == ModelState.Ready);
        await Answers.JsonAsync(context, 200, new
        {
            Name = name,
            Versions = versions.Select(v => v.Ref.Version).ToArray(),
            Platform,
            Inputs = Describe(model.Inputs),
            Outputs = Describe(model.Outputs),
        });
    }

    private async Task ReadyAsync(HttpContext context, CredentialInfo caller)
    {
        var (name, version) = Named(context);
        var model = await catalog.RequireAsync(name, version);
        await Answers.JsonAsync(context, 200, new { Name = name, model.Ref.Version, Ready = true });
    }

    private static (string Name, string? Version) Named(HttpContext context) =>
        (context.Request.RouteValues["model"] as string ?? "", context.Request.RouteValues["version"] as string);

    private static object[] Describe(IReadOnlyList<TensorMetadata>? tensors) =>
        [.. (tensors ?? []).Select(t => new { t.Name, Datatype = ElementTypes.NameOf(t.Type), t.Shape })];
}
