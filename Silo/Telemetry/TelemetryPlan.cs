using System.Globalization;
using OpenTelemetry.Exporter;

namespace PiGrid.Silo.Telemetry;

/// <summary>What is sent, and where to: what the settings say, and where they say nothing, the standard variables of the environment.</summary>
/// <param name="Options">The settings.</param>
/// <param name="Environment">The variables <c>OTEL_...</c>.</param>
internal sealed record TelemetryPlan(TelemetryOptions Options, IConfiguration Environment)
{
    private static readonly string[] Addresses = ["EXPORTER_OTLP_ENDPOINT", "EXPORTER_OTLP_TRACES_ENDPOINT", "EXPORTER_OTLP_METRICS_ENDPOINT", "EXPORTER_OTLP_LOGS_ENDPOINT"];
    private static readonly string[] Times = ["EXPORTER_OTLP_TIMEOUT", "METRIC_EXPORT_INTERVAL"];

    /// <summary>Whether traces are sent.</summary>
    public bool Traces => Options.Traces && IsSent("TRACES");

    /// <summary>Whether metrics are sent.</summary>
    public bool Metrics => Options.Metrics && IsSent("METRICS");

    /// <summary>Whether log records are sent.</summary>
    public bool Logs => Options.Logs && IsSent("LOGS");

    /// <summary>Whether a variable decides which requests are traced.</summary>
    public bool HasSampler => Variable("TRACES_SAMPLER") is not null;

    /// <summary>How often metrics are sent; null where a variable says so.</summary>
    public TimeSpan? MetricsPeriod => Variable("METRIC_EXPORT_INTERVAL") is null ? Options.MetricsPeriod : null;

    /// <summary>What is wrong with the variables, in words.</summary>
    public IEnumerable<string> Errors()
    {
        foreach (var name in Addresses)
        {
            if (Variable(name) is { } address && !TelemetryOptions.IsAddress(address))
            {
                yield return $"OTEL_{name}: it must be an address such as http://127.0.0.1:4318.";
            }
        }

        foreach (var name in Times)
        {
            if (Variable(name) is { } number && !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                yield return $"OTEL_{name}: '{number}' is not a number of milliseconds.";
            }
        }
    }

    /// <summary>Tells an exporter where to send to.</summary>
    /// <param name="exporter">The exporter's options, as the environment has set them.</param>
    /// <param name="signal"><c>traces</c>, <c>metrics</c> or <c>logs</c>.</param>
    public void Apply(OtlpExporterOptions exporter, string signal)
    {
        var variables = $"EXPORTER_OTLP_{signal.ToUpperInvariant()}_";
        if (Options.Endpoint.Length > 0 || (Variable("EXPORTER_OTLP_PROTOCOL") ?? Variable(variables + "PROTOCOL")) is null)
        {
            exporter.Protocol = Options.Protocol == OtlpTransport.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        }

        if (Options.Endpoint.Length > 0)
        {
            exporter.Endpoint = Options.Protocol == OtlpTransport.Grpc ? new Uri(Options.Endpoint) : new Uri($"{Options.Endpoint.TrimEnd('/')}/v1/{signal}");
        }

        if (Options.Headers.Length > 0)
        {
            exporter.Headers = Options.Headers;
        }

        if ((Variable("EXPORTER_OTLP_TIMEOUT") ?? Variable(variables + "TIMEOUT")) is null)
        {
            exporter.TimeoutMilliseconds = (int)Options.ExportTimeout.TotalMilliseconds;
        }
    }

    private bool IsSent(string signal) =>
        !string.Equals(Variable("SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && Variable($"{signal}_EXPORTER") != "none"
        && (Options.Endpoint.Length > 0 || (Variable($"EXPORTER_OTLP_{signal}_ENDPOINT") ?? Variable("EXPORTER_OTLP_ENDPOINT")) is not null);

    private string? Variable(string name) => Environment["OTEL_" + name] is { Length: > 0 } value ? value : null;
}
