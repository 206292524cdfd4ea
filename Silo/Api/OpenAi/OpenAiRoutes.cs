using PiGrid.Grains.Batches;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary><c>/v1</c>: files, batches and models as OpenAI's clients know them.</summary>
internal static class OpenAiRoutes
{
    /// <summary>Registers what the routes need.</summary>
    public static void AddOpenAiRoutes(this IServiceCollection services)
    {
        services.AddSingleton<BatchTurns>().AddSingleton<IBatchCalls, BatchCalls>();
        services.AddSingleton<OpenAiLists>().AddSingleton<FileRoutes>().AddSingleton<BatchRoutes>().AddSingleton<OpenAiModelRoutes>();
    }

    /// <summary>Maps the routes.</summary>
    public static void MapOpenAiRoutes(this WebApplication app, ApiGate gate)
    {
        app.Services.GetRequiredService<FileRoutes>().Map(app, gate);
        app.Services.GetRequiredService<BatchRoutes>().Map(app, gate);
        app.Services.GetRequiredService<OpenAiModelRoutes>().Map(app, gate);
    }
}
