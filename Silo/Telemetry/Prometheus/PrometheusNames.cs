namespace PiGrid.Silo.Telemetry.Prometheus;

/// <summary>From the names of OpenTelemetry to those of Prometheus: no dots, the unit and the kind at the end.</summary>
internal static class PrometheusNames
{
    /// <summary>The name of a metric, without the endings of single samples (<c>_bucket</c> and the like).</summary>
    public static string Of(string name, string? unit, MetricKind kind)
    {
        var plain = Clean(name);
        var suffix = SuffixFor(unit, kind);
        plain = suffix.Length == 0 || plain.EndsWith(suffix, StringComparison.Ordinal) ? plain : plain + suffix;
        return kind == MetricKind.Counter && !plain.EndsWith("_total", StringComparison.Ordinal) ? plain + "_total" : plain;
    }

    /// <summary>A name of letters, digits and underscores, not beginning with a digit: right for metrics and labels alike.</summary>
    public static string Clean(string name) => string.Create(name.Length + (name.Length > 0 && char.IsAsciiDigit(name[0]) ? 1 : 0), name, static (clean, name) =>
    {
        clean[0] = '_';
        var at = clean.Length - name.Length;
        foreach (var c in name)
        {
            clean[at++] = char.IsAsciiLetterOrDigit(c) ? c : '_';
        }
    });

    private static string SuffixFor(string? unit, MetricKind kind) => unit switch
    {
        null or "" => "",
        "1" => kind == MetricKind.Gauge ? "_ratio" : "",
        "%" => "_percent",
        "s" => "_seconds",
        "ms" => "_milliseconds",
        "By" => "_bytes",

        // What stands in braces only says what is counted.
        ['{', .., '}'] => "",
        _ => "_" + Clean(unit),
    };
}

/// <summary>The kinds of metrics that Prometheus knows.</summary>
internal enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>How many measurements were at most so large.</summary>
    Histogram,
}
