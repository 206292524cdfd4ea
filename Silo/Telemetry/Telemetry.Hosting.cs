namespace PiGrid.Silo.Telemetry;

/// <summary>OpenTelemetry started and stopped by its own package for hosts.</summary>
internal static class TelemetryHosting
{
    /// <summary>Registers it; it starts before everything else of the host, and stops after it.</summary>
    public static void Add(IServiceCollection services, TelemetryPlan plan)
    {
        var telemetry = services.AddOpenTelemetry().ConfigureResource(TelemetryPipeline.Describe);
        if (plan.Traces)
        {
            telemetry.WithTracing(traces => TelemetryPipeline.Collect(traces, plan));
        }

        if (plan.Metrics)
        {
            telemetry.WithMetrics(metrics => TelemetryPipeline.Collect(metrics, plan));
        }
    }
}
