using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using PiGrid.Grains.Telemetry;
using PiGrid.Silo.Gateway;
using PiGrid.Silo.Telemetry.Prometheus;

namespace PiGrid.Silo.Telemetry;

/// <summary>What makes the silo observable.</summary>
internal static class TelemetryServices
{
    /// <summary>Registers it. Nothing listens, and nothing is sent, where nobody is named to send to.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder, TelemetryPlan plan)
    {
        builder.Services.AddMetrics();
        builder.Services.AddSingleton(plan);
        builder.Services.AddSingleton(Measure);
        builder.Services.AddSingleton<MetricCollector>().AddSingleton<MetricsRoute>();
        if (plan.Traces || plan.Metrics)
        {
            TelemetryHosting.Add(builder.Services, plan);
        }

        if (plan.Logs)
        {
            builder.Logging.AddOpenTelemetry(logs => TelemetryPipeline.Collect(logs, plan));
        }
    }

    private static GridMetrics Measure(IServiceProvider services)
    {
        var metrics = new GridMetrics(
            services.GetRequiredService<IMeterFactory>(), services.GetRequiredService<IOptions<TelemetryOptions>>().Value.ModelsMax, services.GetRequiredService<TimeProvider>());
        var sessions = services.GetRequiredService<SessionTable>();
        metrics.ObserveSessions(() => sessions.Count);
        return metrics;
    }
}
