using System.Diagnostics;
using System.Net.Http.Json;
using PiGrid.Api;
using PiGrid.Grains.Telemetry;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Telemetry;

/// <summary>What a receiver gets of a job: one trace from the submission to the acceptance, metrics, logs, and nothing that is secret.</summary>
[Collection("Telemetry")] // Whoever listens to spans hears those of all silos of this process.
public sealed class JobTraceTests : IAsyncLifetime
{
    private const string ReceiversKey = "the-receivers-own-secret";

    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ActivitySpanId _caller = ActivitySpanId.CreateRandom();
    private readonly List<TestWorker> _workers = [];
    private readonly List<string> _secrets = [];
    private OtlpReceiver _receiver = null!;
    private TestSilo _silo = null!;
    private JobId _job;

    // One job, seen through; the silo is stopped, so that all is sent.
    public async Task InitializeAsync()
    {
        _receiver = await OtlpReceiver.StartAsync();
        _silo = await TestSilo.StartAsync(
            $"--Telemetry:Endpoint={_receiver.Url}", $"--Telemetry:Headers=x-key={ReceiversKey}", "--Logging:LogLevel:Default=Information");
        _secrets.AddRange([_silo.Bootstrap.OperatorKey, _silo.Bootstrap.OperatorNodeToken, _silo.Bootstrap.EnrolmentToken!, ReceiversKey]);
        foreach (var token in new[] { _silo.Bootstrap.OperatorNodeToken, _silo.Bootstrap.EnrolmentToken!, _silo.Bootstrap.EnrolmentToken! })
        {
            _workers.Add(await TestWorker.StartAsync(_silo, token));
        }

        await DigestModel.PublishAsync(_silo);
        _job = NewId.Job();
        await SubmitAsync();
        await _silo.StopAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await _silo.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public void Trace_OfAJob_LeadsFromTheCallerToTheAcceptance()
    {
        var spans = _receiver.Spans.Where(span => span.Trace == _trace.ToHexString()).ToList();
        var request = Assert.Single(spans, span => span.Parent == _caller.ToHexString());
        Assert.Equal("POST /api/jobs", request.Name);
        Assert.Equal(request.Id, Assert.Single(spans, span => span.Name == SpanNames.Job).Parent);
        Assert.Equal(request.Id, Assert.Single(spans, span => span.Name == SpanNames.Submit).Parent);
        var shard = Assert.Single(spans, span => span.Name == SpanNames.Shard);
        Assert.Equal(request.Id, shard.Parent);

        var replicas = spans.Where(span => span.Name == SpanNames.Replica).ToList();
        Assert.Equal(2, replicas.Count);
        Assert.Equal(2, spans.Count(span => span.Name == SpanNames.Dispatch && span.Parent == shard.Id));
        Assert.Equal(2, spans.Count(span => span.Name == SpanNames.Quorum && span.Parent == shard.Id));
        Assert.Equal(shard.Id, Assert.Single(spans, span => span.Name == SpanNames.Accept).Parent);
        Assert.All(replicas, replica =>
        {
            Assert.Equal((shard.Id, "returned"), (replica.Parent, replica.Attributes["pigrid.outcome"]));
            var node = Assert.Single(spans, span => span.Name == SpanNames.Node && span.Parent == replica.Id);
            Assert.Single(spans, span => span.Name == SpanNames.Model && span.Parent == node.Id);
            Assert.True(node.Start >= replica.Start && node.End <= replica.End + 1_000_000);
        });
        Assert.All(spans, span => Assert.True(span.End >= span.Start));
    }

    [Fact]
    public void Node_WhenItsCallersTraceIsKnown_IsGivenAnotherForEveryLease()
    {
        var links = _receiver.Spans.Where(span => span.Name == SpanNames.Replica && span.Trace == _trace.ToHexString()).Select(span => Assert.Single(span.Links)).ToList();

        Assert.Equal(2, links.Select(link => link.Trace).Distinct().Count());
        Assert.DoesNotContain(links, link => link.Trace == _trace.ToHexString());
    }

    [Fact]
    public void Metrics_WhenSent_HaveTheirNamesAndUnits()
    {
        var metrics = _receiver.Metrics.ToHashSet();

        Assert.Superset(
            new HashSet<(string, string)>
            {
                ("pigrid.shards", "{shard}"), ("pigrid.shard.duration", "s"), ("pigrid.store.write.duration", "s"), ("pigrid.blob.io", "By"),
                ("http.server.request.duration", "s"), ("dotnet.process.memory.working_set", "By"),
            },
            metrics);
    }

    [Fact]
    public void Logs_WhenWrittenForARequest_HaveItsTrace() =>
        Assert.Contains(_receiver.Logs, log => log.Trace == _trace.ToHexString() && log.Body.Contains(_job.Value, StringComparison.Ordinal));

    [Fact]
    public void Secrets_WhateverIsSent_AreNotAmongIt()
    {
        var sent = _receiver.Everything;

        Assert.Contains("pigrid-silo", sent, StringComparison.Ordinal);
        Assert.All(_secrets, secret => Assert.DoesNotContain(secret, sent, StringComparison.Ordinal));
        Assert.All(_receiver.Keys, key => Assert.Equal(ReceiversKey, key));
    }

    private async Task SubmitAsync()
    {
        var spec = new JobSpec
        {
            Model = DigestModel.Manifest.Ref,
            Policy = VerificationPolicy.Quorum(2),
            Inputs = new[] { new JobInput { Name = "secret-looking name", Data = [1, 2, 3] } },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/jobs?wait_ms=20000") { Content = JsonContent.Create(new SubmitJobRequest(_job, spec), options: GridJson.Wire) };
        request.Headers.Add("traceparent", $"00-{_trace}-{_caller}-01");
        using var response = await _silo.Http.SendAsync(request);
        var status = await response.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire);
        Assert.Equal(JobState.Completed, status!.State);
        Assert.All(await Task.WhenAll(_workers[1..].Select(worker => worker.FirstVerdict)), verdict => Assert.Equal(Protocol.Verdict.Accepted, verdict));
    }
}
