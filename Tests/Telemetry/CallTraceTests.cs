using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using PiGrid.Grains.Telemetry;
using PiGrid.NodeAgent.Telemetry;
using PiGrid.Tests.Silo.OpenInference;
using PiGrid.Verification;

namespace PiGrid.Tests.Telemetry;

/// <summary>An online call by HTTP through a silo and an agent with its worker process, on both sides of the link between their traces.</summary>
[Collection("Telemetry")] // Whoever listens to spans hears those of all silos of this process.
public sealed class CallTraceTests : IAsyncLifetime, IDisposable
{
    private readonly ConcurrentQueue<Activity> _agents = new();
    private ActivityListener _listener = null!;
    private OtlpReceiver _receiver = null!;
    private SameGrid _grid = null!;

    public async Task InitializeAsync()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == AgentTrace.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _agents.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        _receiver = await OtlpReceiver.StartAsync();

        // Callers decide; nothing else is traced.
        _grid = await SameGrid.StartAsync($"--Telemetry:Endpoint={_receiver.Url}", "--Telemetry:SampleRatio=0");
    }

    public async Task DisposeAsync()
    {
        await _grid.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Call_ByHttp_IsOneTraceWithALinkToTheAgents()
    {
        var (trace, caller) = (ActivityTraceId.CreateRandom().ToHexString(), ActivitySpanId.CreateRandom().ToHexString());
        var answer = await _grid.InferAsync(("traceparent", $"00-{trace}-{caller}-01"));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Json.ToString());
        await _grid.Silo.StopAsync();

        var spans = _receiver.Spans.Where(span => span.Trace == trace).ToList();
        var request = Assert.Single(spans, span => span.Parent == caller);
        Assert.Equal("POST /v2/models/{model}/infer", request.Name);
        var call = Assert.Single(spans, span => span.Name == SpanNames.Call);
        Assert.Equal((request.Id, "answered", "same@1"), (call.Parent, call.Attributes["pigrid.outcome"], call.Attributes["pigrid.model"]));
        var replica = Assert.Single(spans, span => span.Name == SpanNames.Replica);
        Assert.All(
            new[] { SpanNames.Dispatch, SpanNames.Replica, SpanNames.Quorum, SpanNames.Accept },
            name => Assert.Equal(call.Id, Assert.Single(spans, span => span.Name == name).Parent));

        // The node's own records: another trace, which the silo's span of the lease names.
        var link = Assert.Single(replica.Links);
        Assert.NotEqual(trace, link.Trace);
        var lease = Assert.Single(_agents, span => span.OperationName == AgentTrace.Lease && span.TraceId.ToHexString() == link.Trace);
        Assert.Equal(link.Id, lease.ParentSpanId.ToHexString());
        var steps = _agents.Where(span => span.ParentSpanId == lease.SpanId).Select(span => span.OperationName).ToList();
        Assert.Contains(AgentTrace.Model, steps);
        Assert.Contains(AgentTrace.Sign, steps);
    }

    [Fact]
    public async Task Call_WhenItsCallerIsNotTraced_GivesItsNodeAContextAllTheSame()
    {
        var answer = await _grid.InferAsync();
        var receipt = await _grid.Silo.Http.GetFromJsonAsync<Receipt>($"/api/receipts/{answer.Json.GetProperty("parameters").GetProperty("receipt").GetString()}", GridJson.Wire);
        await _grid.Silo.StopAsync();

        var given = Assert.Single(receipt!.Body.Replicas).Statement.Lease.Value;
        var lease = Assert.Single(_agents, span => span.OperationName == AgentTrace.Lease && (string?)span.GetTagItem("pigrid.lease.id") == given);
        Assert.True(lease.HasRemoteParent);
        Assert.DoesNotContain(_receiver.Spans, span => span.Trace == lease.TraceId.ToHexString() || span.Attributes.GetValueOrDefault("pigrid.lease.id") == given);
    }
}
