using System.Globalization;
using System.Text;

namespace PiGrid.Silo.Telemetry.Prometheus;

/// <summary>The Prometheus text exposition format, version 0.0.4.</summary>
internal static class PrometheusText
{
    /// <summary>What the format calls itself.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The text; metrics without a measurement are left out.</summary>
    public static string Write(IEnumerable<Metric> metrics)
    {
        var text = new StringBuilder();
        foreach (var metric in metrics)
        {
            var series = metric.Series.OrderBy(one => one.Labels, StringComparer.Ordinal).ToList();
            if (series.Count == 0)
            {
                continue;
            }

            var help = metric.Help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append("# HELP ").Append(metric.Name).Append(' ').Append(help).Append('\n');
            text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(WordFor(metric.Kind)).Append('\n');
            foreach (var one in series)
            {
                var (sum, buckets) = one.Read();
                if (metric.Bounds is { } bounds)
                {
                    WriteHistogram(text, metric.Name, one.Labels, bounds, sum, buckets);
                }
                else
                {
                    WriteSample(text, metric.Name, one.Labels, sum);
                }
            }
        }

        return text.ToString();
    }

    // Buckets are cumulative: each has all that is at most as large as its bound.
    private static void WriteHistogram(StringBuilder text, string name, string labels, double[] bounds, double sum, long[] buckets)
    {
        var before = labels.Length == 0 ? "" : labels + ",";
        long count = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            WriteSample(text, name + "_bucket", $"{before}le=\"{(i < bounds.Length ? Number(bounds[i]) : "+Inf")}\"", count);
        }

        WriteSample(text, name + "_sum", labels, sum);
        WriteSample(text, name + "_count", labels, count);
    }

    private static void WriteSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string WordFor(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        MetricKind.Histogram => "histogram",
    };
}
