using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;
using PiGrid.Silo.Telemetry;

namespace PiGrid.Tests.Telemetry;

/// <summary>What is sent and where to, by settings and by the standard variables.</summary>
public class TelemetryPlanTests
{
    [Fact]
    public void Plan_WhenNobodyIsNamed_SendsNothing()
    {
        var plan = PlanOf(new());
        Assert.False(plan.Traces || plan.Metrics || plan.Logs);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318", true, true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:4318/v1/traces", true, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:4318/v1/metrics", false, true, false)]
    public void Plan_WhenVariablesNameAReceiver_SendsTheirSignals(string name, string value, bool traces, bool metrics, bool logs)
    {
        var plan = PlanOf(new(), (name, value));
        Assert.Equal((traces, metrics, logs), (plan.Traces, plan.Metrics, plan.Logs));
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true", false, false)]
    [InlineData("OTEL_TRACES_EXPORTER", "none", false, true)]
    public void Plan_WhenVariablesTurnItOff_SendsNothing(string name, string value, bool traces, bool metrics)
    {
        var plan = PlanOf(new() { Endpoint = "http://127.0.0.1:4318" }, (name, value));
        Assert.Equal((traces, metrics), (plan.Traces, plan.Metrics));
    }

    [Fact]
    public void Exporter_WhenSettingsNameAReceiver_SendsToTheSignalsOwnPath()
    {
        var exporter = new OtlpExporterOptions();
        PlanOf(new() { Endpoint = "http://127.0.0.1:4318/", Headers = "a=b", ExportTimeout = TimeSpan.FromSeconds(3) }).Apply(exporter, "logs");

        Assert.Equal(("http://127.0.0.1:4318/v1/logs", OtlpExportProtocol.HttpProtobuf, "a=b", 3_000), (exporter.Endpoint.ToString(), exporter.Protocol, exporter.Headers, exporter.TimeoutMilliseconds));
    }

    [Fact]
    public void Exporter_WhenVariablesSayHow_KeepsToThem()
    {
        var exporter = new OtlpExporterOptions { Protocol = OtlpExportProtocol.Grpc, TimeoutMilliseconds = 7 };
        PlanOf(new(), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "7")).Apply(exporter, "traces");

        Assert.Equal((OtlpExportProtocol.Grpc, 7), (exporter.Protocol, exporter.TimeoutMilliseconds));
    }

    [Fact]
    public void Settings_WhenWrong_AreRefusedWithoutShowingSecrets()
    {
        var options = new TelemetryOptions { Endpoint = "localhost:4318", Headers = "my-secret-without-a-name" };
        var errors = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), errors, validateAllProperties: true);

        Assert.Equal(["Endpoint", "Headers"], errors.SelectMany(error => error.MemberNames));
        Assert.DoesNotContain(errors, error => error.ErrorMessage!.Contains("my-secret", StringComparison.Ordinal));
        Assert.Single(PlanOf(new(), ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost")).Errors());
    }

    private static TelemetryPlan PlanOf(TelemetryOptions options, params (string Name, string Value)[] variables) =>
        new(options, new ConfigurationBuilder().AddInMemoryCollection(variables.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value))).Build());
}
