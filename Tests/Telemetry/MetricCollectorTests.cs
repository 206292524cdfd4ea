using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PiGrid.Grains.Telemetry;
using PiGrid.Silo.Telemetry;
using PiGrid.Silo.Telemetry.Prometheus;

namespace PiGrid.Tests.Telemetry;

/// <summary>From instruments to the text that Prometheus reads.</summary>
public sealed class MetricCollectorTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Meter _meter;
    private readonly MetricCollector _collector;

    public MetricCollectorTests()
    {
        _meter = Factory.Create(GridMetrics.Name);
        _collector = new(Factory, Options.Create(new TelemetryOptions { SeriesMax = 10 }));
    }

    private IMeterFactory Factory => _services.GetRequiredService<IMeterFactory>();

    public void Dispose()
    {
        _collector.Dispose();
        _services.Dispose();
    }

    [Theory]
    [InlineData("pigrid.calls", "{call}", nameof(MetricKind.Counter), "pigrid_calls_total")]
    [InlineData("pigrid.call.duration", "s", nameof(MetricKind.Histogram), "pigrid_call_duration_seconds")]
    [InlineData("pigrid.blob.io", "By", nameof(MetricKind.Counter), "pigrid_blob_io_bytes_total")]
    [InlineData("pigrid.share", "1", nameof(MetricKind.Gauge), "pigrid_share_ratio")]
    [InlineData("time_seconds", "s", nameof(MetricKind.Gauge), "time_seconds")]
    [InlineData("1st-thing", null, nameof(MetricKind.Gauge), "_1st_thing")]
    public void Name_WhenWritten_HasUnitAndKind(string name, string? unit, string kind, string written) =>
        Assert.Equal(written, PrometheusNames.Of(name, unit, Enum.Parse<MetricKind>(kind)));

    [Fact]
    public void Counter_WhenLabelsNeedEscaping_IsReadBackAsItWas()
    {
        var counter = _meter.CreateCounter<long>("odd", "{thing}", "Line one\nand a \\ too.");
        counter.Add(3, new KeyValuePair<string, object?>("odd.label", "a \"quoted\" \\ back\nslash"));

        var family = Read()["odd_total"];
        var sample = Assert.Single(family.Samples);
        Assert.Equal(("a \"quoted\" \\ back\nslash", 3), (sample.Labels["odd_label"], sample.Value));
        Assert.Equal(@"Line one\nand a \\ too.", family.Help);
    }

    [Fact]
    public void Histogram_WhenMeasured_CountsWhatIsAtMostItsBound()
    {
        var histogram = _meter.CreateHistogram<double>("waits", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2] });
        histogram.Record(1);
        histogram.Record(1.5);
        histogram.Record(7);

        var family = Read()["waits_seconds"];
        Assert.Equal(
            [("_bucket", "1", 1), ("_bucket", "2", 2), ("_bucket", "+Inf", 3), ("_sum", "", 9.5), ("_count", "", 3)],
            family.Samples.Select(sample => (sample.Name["waits_seconds".Length..], sample.Labels.GetValueOrDefault("le", ""), sample.Value)));
    }

    [Fact]
    public void Series_WhenThereAreTooMany_ShareOne()
    {
        var counter = _meter.CreateCounter<long>("flood");
        for (var i = 0; i < 1_000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("who", $"caller {i}"));
        }

        var samples = Read()["flood_total"].Samples;
        Assert.Equal(11, samples.Count);
        Assert.Equal(990, samples.Single(sample => sample.Labels.ContainsKey("otel_metric_overflow")).Value);
    }

    [Fact]
    public void Gauge_WhenItsSubjectIsGone_IsNoLongerThere()
    {
        var there = true;
        _meter.CreateObservableGauge("watched", () => there ? [new Measurement<int>(5)] : Array.Empty<Measurement<int>>());

        Assert.Equal(5, Assert.Single(Read()["watched"].Samples).Value);
        there = false;
        Assert.False(Read().ContainsKey("watched"));
    }

    [Fact]
    public void Measurement_WhenOfAnotherSiloInThisProcess_IsNotTaken()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create(GridMetrics.Name).CreateCounter<long>("strange").Add(1);

        Assert.DoesNotContain("strange_total", Read().Keys);
    }

    [Fact]
    public void Models_WhenThereAreMoreThanTheLimit_ShareALabel()
    {
        using var metrics = new GridMetrics(Factory, modelsMax: 2, TimeProvider.System);

        Assert.Equal(
            ["a@1", "b@1", GridMetrics.OtherModels, "a@1", GridMetrics.OtherModels],
            "a@1 b@1 c@1 a@1 d@1".Split(' ').Select(model => metrics.LabelOf(ModelRef.Parse(model))));
    }

    [Fact]
    public void Queue_AndCallsUnderWay_AreThereBeforeAnythingWaits()
    {
        using var metrics = new GridMetrics(Factory, modelsMax: 2, TimeProvider.System);
        Assert.Equal((0, 0), QueueAndCalls());

        metrics.QueueMoved(3);
        metrics.QueueMoved(-1);
        metrics.CallsUnderWay(1);
        Assert.Equal((2, 1), QueueAndCalls());

        (double, double) QueueAndCalls()
        {
            var read = Read();
            return (Assert.Single(read["pigrid_queue_length"].Samples).Value, Assert.Single(read["pigrid_call_active"].Samples).Value);
        }
    }

    [Fact]
    public void Measurement_WhenListenedTo_AllocatesNothing()
    {
        using var metrics = new GridMetrics(Factory, modelsMax: 2, TimeProvider.System);
        var model = ModelRef.Parse("a@1");
        var answer = new InferenceAnswer { Output = new PiGrid.Verification.ItemOutput(), Replicas = 1, QueueMs = 1 };
        void Measure()
        {
            metrics.CallsUnderWay(1);
            metrics.CallAnswered(model, answer, TimeSpan.FromMilliseconds(3));
            metrics.LeaseChanged(ReplicaState.Assigned);
            metrics.NodeMessage("result", sent: false);
        }

        for (var i = 0; i < 1_000; i++)
        {
            Measure();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Measure();
        }

        // Not even a byte for each: what is left is the runtime's own, now and then.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);
    }

    private Dictionary<string, Family> Read() => PrometheusParser.Parse(_collector.Read());
}
