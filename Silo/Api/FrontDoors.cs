using PiGrid.Silo.Api.Inference;
using PiGrid.Silo.Api.OpenAi;
using PiGrid.Silo.Api.OpenApi;
using PiGrid.Silo.Dashboard;
using PiGrid.Silo.Gateway;
using PiGrid.Silo.Startup;
using PiGrid.Silo.Telemetry;
using PiGrid.Silo.Telemetry.Prometheus;

namespace PiGrid.Silo.Api;

/// <summary>All front doors: who speaks HTTP to the silo comes through one of these.</summary>
internal static class FrontDoors
{
    /// <summary>Registers what the routes need.</summary>
    public static void AddFrontDoors(this IServiceCollection services)
    {
        services.AddSingleton<Readiness>().AddSingleton<BootstrapFile>().AddSingleton<Resumption>().AddSingleton<StartUp>();
        services.AddSingleton<SessionTable>().AddSingleton<SessionRoute>().AddSingleton<EnrolRoute>().AddSingleton<NodeBlobRoutes>();
        services.AddSingleton<KeyLimits>().AddSingleton<ApiGate>().AddSingleton<Lists>().AddSingleton<JobWaiter>();
        services.AddSingleton<BlobRoutes>().AddSingleton<ModelRoutes>().AddSingleton<JobRoutes>().AddSingleton<JobStreamRoutes>();
        services.AddSingleton<ModelCatalog>().AddSingleton<InferenceLoad>().AddSingleton<InferenceStatistics>();
        services.AddSingleton<ServerRoutes>().AddSingleton<InferRoutes>().AddSingleton<StatisticsRoutes>().AddSingleton<RepositoryRoutes>();
        services.AddOpenAiRoutes();
        services.AddSingleton<ReceiptRoutes>().AddSingleton<NodeRoutes>().AddSingleton<TokenRoutes>().AddSingleton<GridRoutes>();
        services.AddDashboard();
    }

    /// <summary>Maps the routes.</summary>
    public static void MapFrontDoors(this WebApplication app)
    {
        app.UseMiddleware<RequestSpans>().UseMiddleware<ErrorGuard>();
        app.UseWebSockets();
        var services = app.Services;
        var gate = services.GetRequiredService<ApiGate>();
        services.GetRequiredService<BlobRoutes>().Map(app, gate);
        services.GetRequiredService<ModelRoutes>().Map(app, gate);
        services.GetRequiredService<JobRoutes>().Map(app, gate);
        services.GetRequiredService<JobStreamRoutes>().Map(app, gate);
        services.GetRequiredService<ReceiptRoutes>().Map(app, gate);
        services.GetRequiredService<NodeRoutes>().Map(app, gate);
        services.GetRequiredService<TokenRoutes>().Map(app, gate);
        services.GetRequiredService<GridRoutes>().Map(app, gate);
        services.GetRequiredService<ServerRoutes>().Map(app, gate);
        services.GetRequiredService<InferRoutes>().Map(app, gate);
        services.GetRequiredService<StatisticsRoutes>().Map(app, gate);
        services.GetRequiredService<RepositoryRoutes>().Map(app, gate);
        app.MapOpenAiRoutes(gate);
        app.MapDashboard(gate);
        services.GetRequiredService<MetricsRoute>().Map(app, gate);
        OpenApiRoute.Map(app);

        var nodeBlobs = services.GetRequiredService<NodeBlobRoutes>();
        app.MapPost("/node/enrol", services.GetRequiredService<EnrolRoute>().HandleAsync);
        app.Map("/node/session", services.GetRequiredService<SessionRoute>().HandleAsync);
        app.MapGet("/node/blobs/{sha256}", nodeBlobs.GetAsync);
        app.MapPut("/node/blobs/{sha256}", nodeBlobs.PutAsync);
        app.MapFallback(static context => Answers.NotFoundAsync(context, $"route {context.Request.Method} {context.Request.Path}"));
    }
}
