using System.ComponentModel.DataAnnotations;

namespace PiGrid.Silo.Telemetry;

/// <summary>
/// What is told of this silo to those who watch it; configuration section <c>Telemetry</c>. The standard variables of the environment (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>
/// and the like) hold where a setting is left out. docs/telemetry.md says more.
/// </summary>
public sealed class TelemetryOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Telemetry";

    /// <summary>
    /// Where traces, metrics and logs are sent: the base address of an OTLP receiver, such as <c>http://127.0.0.1:4318</c>. Nothing is sent when neither this nor
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is given.
    /// </summary>
    public string Endpoint { get; set; } = "";

    /// <summary>How they are sent.</summary>
    public OtlpTransport Protocol { get; set; } = OtlpTransport.HttpProtobuf;

    /// <summary>Headers that go with them, as <c>name=value,name=value</c>. Usually a secret: give it as <c>PIGRID_Telemetry__Headers</c>. Never shown, never logged.</summary>
    public string Headers { get; set; } = "";

    /// <summary>How long one sending may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ExportTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether traces are sent.</summary>
    public bool Traces { get; set; } = true;

    /// <summary>Whether metrics are sent.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>Whether log records are sent, beside standard error.</summary>
    public bool Logs { get; set; } = true;

    /// <summary>The share of requests that are traced when their caller has not decided it, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; set; } = 1;

    /// <summary>How often metrics are sent.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan MetricsPeriod { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether <c>/metrics</c> is served.</summary>
    public bool Prometheus { get; set; } = true;

    /// <summary>Whether everybody may read <c>/metrics</c>; else programs on this machine, and keys with the scope <c>operate</c>.</summary>
    public bool PrometheusOpen { get; set; }

    /// <summary>How many models have a label of their own in metrics; the rest share one.</summary>
    [Range(0, 10_000)]
    public int ModelsMax { get; set; } = 100;

    /// <summary>How many combinations of labels <c>/metrics</c> keeps of one metric; what comes after them shares one.</summary>
    [Range(10, 100_000)]
    public int SeriesMax { get; set; } = 2_000;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint.Length > 0 && !IsAddress(Endpoint))
        {
            yield return new("it must be an address such as http://127.0.0.1:4318.", [nameof(Endpoint)]);
        }

        // The value is not shown: it may be a secret.
        if (Headers.Length > 0 && Headers.Split(',').Any(header => header.IndexOf('=', StringComparison.Ordinal) < 1))
        {
            yield return new("they must be given as name=value, with commas between them.", [nameof(Headers)]);
        }
    }

    /// <summary>Whether a text is an address that something can be sent to.</summary>
    internal static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);
}

/// <summary>The transports of OTLP.</summary>
public enum OtlpTransport
{
    /// <summary>Protocol buffers over HTTP; the usual port is 4318.</summary>
    HttpProtobuf,

    /// <summary>gRPC; the usual port is 4317.</summary>
    Grpc,
}
