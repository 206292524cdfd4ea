using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace PiGrid.Silo.Telemetry.Prometheus;

/// <summary>One metric with all its series, of which there are never more than a limit.</summary>
internal sealed class Metric
{
    // The buckets of what says nothing about its own: those that OpenTelemetry takes.
    private static readonly double[] Usual = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];
    private static readonly double[] UsualSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series> _series = new(new LabelSet());
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _find;
    private readonly int _seriesMax;
    private readonly bool _isWatched;
    private readonly Series _overflow;
    private int _count;
    private bool _hasOverflowed;

    /// <summary>The metric of an instrument.</summary>
    public Metric(Instrument instrument, MetricKind kind, int seriesMax)
    {
        (Kind, Name, Help, _seriesMax, _isWatched) = (kind, PrometheusNames.Of(instrument.Name, instrument.Unit, kind), instrument.Description ?? "", seriesMax, instrument.IsObservable);
        Bounds = kind != MetricKind.Histogram ? null : BoundsOf(instrument) ?? (instrument.Unit == "s" ? UsualSeconds : Usual);
        _find = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        _overflow = new Series("otel_metric_overflow=\"true\"", Bounds);
    }

    /// <summary>Its name in the text.</summary>
    public string Name { get; }

    /// <summary>What it means.</summary>
    public string Help { get; }

    /// <summary>Its kind.</summary>
    public MetricKind Kind { get; }

    /// <summary>The upper bounds of its buckets; null when it is no histogram.</summary>
    public double[]? Bounds { get; }

    /// <summary>Its series, in no order.</summary>
    public IEnumerable<Series> Series => _hasOverflowed ? _series.Values.Append(_overflow) : _series.Values;

    /// <summary>Takes a measurement in.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (!_find.TryGetValue(labels, out var series))
        {
            series = Open(labels);
        }

        if (_isWatched)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    /// <summary>Forgets what is looked up anew each time, so that what is no longer there does not stay in the text.</summary>
    public void Forget()
    {
        if (_isWatched)
        {
            _series.Clear();
            Volatile.Write(ref _count, 0);
        }
    }

    private Series Open(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (Volatile.Read(ref _count) >= _seriesMax)
        {
            _hasOverflowed = true;
            return _overflow;
        }

        var opened = new Series(LabelSet.Write(labels.ToArray()), Bounds);
        if (_find.TryAdd(labels, opened))
        {
            Interlocked.Increment(ref _count);
            return opened;
        }

        return _find.TryGetValue(labels, out var other) ? other : _overflow;
    }

    private static double[]? BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries?.ToArray(),
        Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
        Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
        _ => null,
    };
}
