using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PiGrid.Grains.Telemetry;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Telemetry;

/// <summary>What OpenTelemetry is told to collect and to send; the same whoever starts it.</summary>
internal static class TelemetryPipeline
{
    /// <summary>Who this is.</summary>
    public static void Describe(ResourceBuilder resource) => resource.Clear()
        .AddTelemetrySdk()
        .AddService("pigrid-silo", serviceVersion: SiloHost.Version)
        .AddAttributes([new("pigrid.engine", SiloHost.Engine)])

        // Last, so that the operator's words win.
        .AddEnvironmentVariableDetector();

    /// <summary>Traces: requests, and what the grid does for them.</summary>
    public static void Collect(TracerProviderBuilder traces, TelemetryPlan plan)
    {
        traces.AddSource(GridTrace.Name, RequestSpans.Source);
        if (!plan.HasSampler)
        {
            traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(plan.Options.SampleRatio)));
        }

        traces.AddOtlpExporter(exporter => plan.Apply(exporter, "traces"));
    }

    /// <summary>Metrics.</summary>
    public static void Collect(MeterProviderBuilder metrics, TelemetryPlan plan)
    {
        metrics.AddMeter([.. TelemetryNames.Meters]);
        metrics.AddOtlpExporter((exporter, reader) =>
        {
            plan.Apply(exporter, "metrics");
            if (plan.MetricsPeriod is { } period)
            {
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)period.TotalMilliseconds;
            }
        });
    }

    /// <summary>Log records.</summary>
    public static void Collect(OpenTelemetryLoggerOptions logs, TelemetryPlan plan)
    {
        var resource = ResourceBuilder.CreateEmpty();
        Describe(resource);
        logs.SetResourceBuilder(resource);
        logs.IncludeFormattedMessage = true;
        logs.AddOtlpExporter(exporter => plan.Apply(exporter, "logs"));
    }
}
