using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using PiGrid.Grains.Telemetry;
using PiGrid.NodeAgent.Telemetry;

namespace PiGrid.Tests.Telemetry;

/// <summary>docs/telemetry.md names all metrics and spans that there are, with their units, and no other.</summary>
public sealed partial class TelemetryDocumentTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "telemetry.md"));

    [GeneratedRegex(@"^\| `(?<name>pigrid\.[a-z._]+)` \| `(?<unit>[^`]+)` \| (?<kind>[a-z -]+) \| [^|]+ \|.*\|$", RegexOptions.Multiline)]
    private static partial Regex MetricRow { get; }

    [GeneratedRegex(@"^\| `(?<name>pigrid\.[a-z._]+)` \| (?!`)", RegexOptions.Multiline)]
    private static partial Regex SpanRow { get; }

    [Fact]
    public void Metrics_OnThePage_AreThoseThatExist()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        var found = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    Assert.False(string.IsNullOrEmpty(instrument.Description), $"{instrument.Name} does not say what it is.");
                    found.Add($"{instrument.Name} in {instrument.Unit}, {KindOf(instrument)}");
                }
            },
        };
        listener.Start();
        using var metrics = new GridMetrics(factory, 1, TimeProvider.System);
        metrics.ObserveSessions(() => 0);

        var documented = MetricRow.Matches(Page).Select(row => $"{row.Groups["name"].Value} in {row.Groups["unit"].Value}, {row.Groups["kind"].Value}");
        Assert.Equal(found.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Spans_OnThePage_AreThoseThatExist()
    {
        var names = new[] { typeof(SpanNames), typeof(AgentTrace) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Where(field => field is { IsLiteral: true, Name: not nameof(AgentTrace.Name) })
            .Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(names.Order(StringComparer.Ordinal), SpanRow.Matches(Page).Select(row => row.Groups["name"].Value).Order(StringComparer.Ordinal));
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> => "counter",
        UpDownCounter<long> or ObservableUpDownCounter<long> => "up-down counter",
        Histogram<double> or Histogram<long> => "histogram",
        ObservableGauge<double> => "gauge",
        _ => instrument.GetType().Name,
    };
}
