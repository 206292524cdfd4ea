using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Grains.Telemetry;
using PiGrid.Models;
using PiGrid.NodeAgent.Telemetry;
using PiGrid.Tests.NodeAgent;
using PiGrid.Tests.Silo;
using PiGrid.Tests.Silo.OpenInference;

namespace PiGrid.Tests.Telemetry;

/// <summary>An online call by HTTP through a silo and an agent with its worker process, on both sides of the link between their traces.</summary>
public sealed class CallTraceTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<Activity> _agents = new();
    private readonly List<AgentRun> _running = [];
    private ActivityListener _listener = null!;
    private OtlpReceiver _receiver = null!;
    private TestSilo _silo = null!;

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
        _silo = await TestSilo.StartAsync($"--Telemetry:Endpoint={_receiver.Url}", "--Online:KnowledgeAge=00:00:00");
        _running.Add(AgentRun.Start(_silo.Url.ToString().TrimEnd('/'), _silo.Bootstrap.OperatorNodeToken));
        _running.Add(AgentRun.Start(_silo.Url.ToString().TrimEnd('/'), _silo.Bootstrap.EnrolmentToken!));
        await PublishAsync(OnnxModels.Identity(TensorElementType.Int8, OnnxModels.Open, 2));
        using var limit = new CancellationTokenSource(Patience.Limit);
        while ((await InferAsync()).Status == HttpStatusCode.ServiceUnavailable)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var agent in _running)
        {
            await agent.DisposeAsync();
        }

        await _silo.DisposeAsync();
        await _receiver.DisposeAsync();
        _listener.Dispose();
    }

    [Fact]
    public async Task Call_ByHttp_IsOneTraceWithALinkToTheAgents()
    {
        var (trace, caller) = (ActivityTraceId.CreateRandom().ToHexString(), ActivitySpanId.CreateRandom().ToHexString());
        var answer = await InferAsync(("traceparent", $"00-{trace}-{caller}-01"));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Json.ToString());
        await _silo.StopAsync();

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

    private Task<Answer> InferAsync(params (string Name, string Value)[] headers) =>
        Answer.PostAsync(_silo.Http, "/v2/models/same/infer", Requests.Json("INT8", "[1,2]", "[1,2]", ",\"parameters\":{\"policy\":\"none\"}"), headers);

    private async Task PublishAsync(byte[] model)
    {
        using var content = new ByteArrayContent(model);
        using var uploaded = await _silo.Http.PostAsync("/api/blobs", content);
        var blob = (await uploaded.Content.ReadFromJsonAsync<BlobRef>(GridJson.Wire))!;
        var manifest = Inference.Manifests.Tensors with { Name = "same", Version = "1", Model = new() { File = "model.onnx", Sha256 = blob.Sha256, Size = blob.Size } };
        using var published = await _silo.Http.PostAsJsonAsync("/api/models", manifest, GridJson.Wire);
        Assert.True(published.IsSuccessStatusCode, await published.Content.ReadAsStringAsync());
        var status = await _silo.Http.GetFromJsonAsync<ModelStatus>("/api/models/same/versions/1?wait_ms=30000", GridJson.Wire);
        Assert.Equal((ModelState.Ready, null), (status!.State, status.Reason));
    }
}
