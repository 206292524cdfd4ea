using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace PiGrid.NodeAgent.Telemetry;

/// <summary>
/// Sends the agent's spans where the volunteer says, by the standard variables alone (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and the like): never to the grid, and nowhere when there
/// are none.
/// </summary>
internal static class AgentTelemetry
{
    private static readonly string[] Receivers = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    /// <summary>Begins; null when the volunteer has named no receiver.</summary>
    public static IDisposable? Start(Func<string, string?> variable) => !IsWanted(variable) ? null : Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => resource.Clear().AddTelemetrySdk().AddService("pigrid-agent", serviceVersion: AgentVersion.Text).AddEnvironmentVariableDetector())
        .AddSource(AgentTrace.Name)
        .AddOtlpExporter()
        .Build();

    private static bool IsWanted(Func<string, string?> variable) =>
        !string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && variable("OTEL_TRACES_EXPORTER") != "none"
        && Receivers.Any(name => !string.IsNullOrEmpty(variable(name)));
}
