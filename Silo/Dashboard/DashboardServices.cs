using PiGrid.Silo.Api;

namespace PiGrid.Silo.Dashboard;

/// <summary>The dashboard: its page, and the routes that feed it.</summary>
internal static class DashboardServices
{
    /// <summary>Registers what it needs.</summary>
    public static void AddDashboard(this IServiceCollection services) => services
        .AddMetrics()
        .AddSingleton<PaceMeter>().AddSingleton<IncidentSource>().AddSingleton<OverviewSource>()
        .AddSingleton<OverviewRoutes>().AddSingleton<ShardRoutes>().AddSingleton<DashboardFiles>();

    /// <summary>Maps its routes.</summary>
    public static void MapDashboard(this WebApplication app, ApiGate gate)
    {
        app.Services.GetRequiredService<OverviewRoutes>().Map(app, gate);
        app.Services.GetRequiredService<ShardRoutes>().Map(app, gate);
        app.Services.GetRequiredService<DashboardFiles>().Map(app);
    }
}
