using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace PiGrid.Silo.Telemetry;

/// <summary>OpenTelemetry started and stopped by a hosted service of our own, where its package for hosts is not to be had.</summary>
internal static class TelemetryHosting
{
    /// <summary>Registers it; registered first, it starts before everything else of the host, and stops after it.</summary>
    public static void Add(IServiceCollection services, TelemetryPlan plan) => services.AddHostedService(_ => new Service(plan));

    private sealed class Service(TelemetryPlan plan) : IHostedService, IDisposable
    {
        // What is left is sent at the end, but nobody waits long for a receiver that is away.
        private const int FlushMs = 5_000;

        private TracerProvider? _traces;
        private MeterProvider? _metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (plan.Traces)
            {
                var traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(Share).ConfigureResource(TelemetryPipeline.Describe);
                TelemetryPipeline.Collect(traces, plan);
                _traces = traces.Build();
            }

            if (plan.Metrics)
            {
                var metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(Share).ConfigureResource(TelemetryPipeline.Describe);
                TelemetryPipeline.Collect(metrics, plan);
                _metrics = metrics.Build();
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
            Task.Run(() => _traces?.Shutdown(FlushMs), CancellationToken.None), Task.Run(() => _metrics?.Shutdown(FlushMs), CancellationToken.None));

        public void Dispose()
        {
            _traces?.Dispose();
            _metrics?.Dispose();
        }

        // The same variables as the rest of the host sees.
        private void Share(IServiceCollection services) => services.AddSingleton(plan.Environment);
    }
}
