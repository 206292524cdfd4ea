using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Numerics;
using Microsoft.Extensions.Options;

namespace PiGrid.Silo.Telemetry.Prometheus;

/// <summary>
/// Adds up what this silo's instruments measure, from its start on, for whoever asks for <c>/metrics</c>. A listener of our own: no package that
/// writes the Prometheus text is to be had everywhere, and it is less code than depending on one.
/// </summary>
internal sealed class MetricCollector : IDisposable
{
    private readonly ConcurrentDictionary<string, Metric> _metrics = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _reading = new();
    private readonly IMeterFactory _own;
    private readonly int _seriesMax;

    /// <summary>Begins to listen.</summary>
    public MetricCollector(IMeterFactory own, IOptions<TelemetryOptions> options)
    {
        (_own, _seriesMax) = (own, options.Value.SeriesMax);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsOurs(instrument.Meter) && KindOf(instrument) is { } kind)
            {
                var metric = new Metric(instrument, kind, _seriesMax);
                listener.EnableMeasurementEvents(instrument, _metrics.GetOrAdd(metric.Name, metric));
            }
        };
        Hear<byte>();
        Hear<short>();
        Hear<int>();
        Hear<long>();
        Hear<float>();
        Hear<double>();
        Hear<decimal>();
        if (options.Value.Prometheus)
        {
            _listener.Start();
        }
    }

    /// <summary>All metrics as they are now, in the Prometheus text format.</summary>
    public string Read()
    {
        lock (_reading)
        {
            foreach (var metric in _metrics.Values)
            {
                metric.Forget();
            }

            _listener.RecordObservableInstruments();
            return PrometheusText.Write(_metrics.Values.OrderBy(metric => metric.Name, StringComparer.Ordinal));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    // Another silo of this process has a factory of its own; the runtime's meters have none.
    private bool IsOurs(Meter meter) => TelemetryNames.Meters.Contains(meter.Name) && (meter.Scope is null || ReferenceEquals(meter.Scope, _own));

    private void Hear<T>()
        where T : struct, INumber<T> =>
        _listener.SetMeasurementEventCallback<T>(static (_, value, labels, metric) => ((Metric)metric!).Record(double.CreateTruncating(value), labels));

    private static MetricKind? KindOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : type == typeof(UpDownCounter<>) || type == typeof(ObservableUpDownCounter<>) || type == typeof(Gauge<>) || type == typeof(ObservableGauge<>) ? MetricKind.Gauge
            : null;
    }
}
