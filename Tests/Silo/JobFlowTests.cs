using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PiGrid.Api;
using PiGrid.Grains.Jobs;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo;

/// <summary>A job's way through the front doors: real storage, engine, grains and sockets; nodes that speak the protocol.</summary>
public sealed class JobFlowTests : IAsyncLifetime
{
    private static readonly ModelRef Model = new("digest", "1");

    private readonly List<TestWorker> _workers = [];
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync("--Admission:OpenJobsPerRequesterMax=8");
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken));
        using var published = await PublishAsync(Manifest);
        Assert.Equal(HttpStatusCode.Created, published.StatusCode);
        var status = await _silo.Http.GetFromJsonAsync<ModelStatus>("/api/models/digest/versions/1?wait_ms=20000", GridJson.Wire);
        Assert.Equal((ModelState.Ready, null), (status!.State, status.Reason));
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Submit_WithWaitAndResults_NeedsOneRoundTrip()
    {
        await StartWorkersAsync(1);

        using var response = await SubmitAsync(VerificationPolicy.None, "?wait_ms=20000&include=results", [1, 2, 3], [4]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JobAnswer>(GridJson.Wire);
        Assert.Equal((JobState.Completed, 2, 0), (answer!.Job.State, answer.Job.Inputs, answer.Job.InputsFailed));
        Assert.Equal([0, 1], answer.Results!.Select(r => r.Index));
        Assert.Equal(Sha256.Of([1, 2, 3]).ToArray(), answer.Results![0].Output.Tensors![0].Data);
    }

    [Fact]
    public async Task Submit_WithTooManyJobsOpen_IsSentAwayUntilOneHasEnded()
    {
        var open = new List<JobId>();
        for (var i = 0; i < 8; i++)
        {
            using var accepted = await SubmitAsync(VerificationPolicy.None, "", [(byte)i]);
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
            open.Add((await accepted.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!.Id);
        }

        using var refused = await SubmitAsync(VerificationPolicy.None, "", [8]);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        Assert.Contains("OpenJobsPerRequesterMax", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // Counted anew from what is durable.
        await _workers[0].DisposeAsync();
        _workers.Clear();
        await _silo.StopAsync();
        await _silo.StartAgainAsync();
        using var still = await SubmitAsync(VerificationPolicy.None, "", [8]);
        Assert.Equal(HttpStatusCode.TooManyRequests, still.StatusCode);

        (await _silo.Http.PostAsJsonAsync($"/api/jobs/{open[0]}/cancel", new { reason = "enough" })).EnsureSuccessStatusCode();
        using var again = await SubmitAsync(VerificationPolicy.None, "", [8]);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    [Fact]
    public async Task Job_WhenDeleted_IsGoneWithItsReceiptsAndOthersStay()
    {
        await StartWorkersAsync(1);
        using var first = await SubmitAsync(VerificationPolicy.None, "?wait_ms=20000&include=results", [1]);
        using var second = await SubmitAsync(VerificationPolicy.None, "?wait_ms=20000", [2]);
        var deleted = (await first.Content.ReadFromJsonAsync<JobAnswer>(GridJson.Wire))!;
        var kept = (await second.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!;

        using var answer = await _silo.Http.DeleteAsync($"/api/jobs/{deleted.Job.Id}");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _silo.Http.GetAsync($"/api/jobs/{deleted.Job.Id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _silo.Http.GetAsync($"/api/receipts/{deleted.Results![0].Receipt}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _silo.Http.DeleteAsync($"/api/jobs/{deleted.Job.Id}")).StatusCode);
        Assert.DoesNotContain(await ListAsync(""), job => job.Id == deleted.Job.Id);
        Assert.Contains(await ListAsync(""), job => job.Id == kept.Id);
    }

    [Fact]
    public async Task Job_WhenItsRetentionIsOver_IsDeleted()
    {
        await StartWorkersAsync(1);
        using var ended = await SubmitAsync(VerificationPolicy.None, "?wait_ms=20000", [1]);
        var over = (await ended.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!;
        using var submitted = await SubmitAsync(VerificationPolicy.Quorum(7), "", [2]);
        var running = (await submitted.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!;
        var options = Options.Create(new JobOptions { Retention = TimeSpan.FromTicks(1) });
        using var retention = new JobRetention(_silo.Grains, options, TimeProvider.System, NullLogger<JobRetention>.Instance);

        await retention.SweepAsync(CancellationToken.None);

        Assert.DoesNotContain(await ListAsync(""), job => job.Id == over.Id);
        Assert.Contains(await ListAsync(""), job => job.Id == running.Id);
        using var refused = await _silo.Http.DeleteAsync($"/api/jobs/{running.Id}");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task Submit_Twice_IsOneJob()
    {
        await StartWorkersAsync(1);
        var id = NewId.Job();

        using var first = await SubmitAsync(VerificationPolicy.None, "", id, [1]);
        using var second = await SubmitAsync(VerificationPolicy.None, "?wait_ms=20000", id, [1]);

        Assert.Equal(id, (await second.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!.Id);
        Assert.Single(await ListAsync(""), j => j.Id == id);
        Assert.Empty(await ListAsync("?open=true"));
    }

    [Fact]
    public async Task Job_WithAQuorum_HasAReceiptThatVerifies_AndEvents()
    {
        await StartWorkersAsync(2);
        using var submitted = await SubmitAsync(VerificationPolicy.Quorum(2), "", [1]);
        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        var id = (await submitted.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!.Id;

        var events = new List<JobEvent>();
        await using (var stream = await _silo.Http.GetStreamAsync($"/api/jobs/{id}/events"))
        {
            await foreach (var item in SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize<JobEvent>(data, GridJson.Wire)!).EnumerateAsync())
            {
                events.Add(item.Data);
            }
        }

        Assert.Equal(JobEventKind.JobAccepted, events[0].Kind);
        Assert.Equal(JobEventKind.JobFinished, events[^1].Kind);
        Assert.Equal(2, events.Count(e => e.Kind == JobEventKind.ReplicaAccepted));
        Assert.Equal(events.Select(e => e.Sequence).Order(), events.Select(e => e.Sequence));

        var lines = (await _silo.Http.GetStringAsync($"/api/jobs/{id}/results")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var result = JsonSerializer.Deserialize<JobResult>(Assert.Single(lines), GridJson.Wire)!;
        var receipt = await _silo.Http.GetFromJsonAsync<Receipt>($"/api/receipts/{result.Receipt}", GridJson.Wire);
        Assert.Equal(2, receipt!.Body.Replicas.Count(r => r.Agreed));
        Assert.True(Signatures.Verify(receipt.Body.GridKey, CanonicalJson.Serialize(receipt.Body), receipt.Signature));
        var same = await _silo.Http.GetFromJsonAsync<Receipt>($"/api/jobs/{id}/shards/0/receipt", GridJson.Wire);
        Assert.Equal(receipt.Signature, same!.Signature);
    }

    [Fact]
    public async Task Job_WhenTheSiloStartsAgainInTheMiddle_IsResumedAndLosesNothing()
    {
        using var submitted = await SubmitAsync(VerificationPolicy.Quorum(2), "", [1], [2], [3]);
        var id = (await submitted.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!.Id;
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        _workers.Clear();
        await _silo.StopAsync();
        await _silo.StartAgainAsync();
        await StartWorkersAsync(2);

        var status = await _silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{id}?wait_ms=20000", GridJson.Wire);

        Assert.Equal((JobState.Completed, 3), (status!.State, status.Inputs));
    }

    [Fact]
    public async Task Job_WhenItIsCancelled_EndsAndItsStreamsEnd()
    {
        // Nobody but the operator's node is there: a quorum of two cannot come together.
        using var submitted = await SubmitAsync(VerificationPolicy.Quorum(2), "", [1]);
        var id = (await submitted.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!.Id;
        var waiting = _silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{id}?wait_ms=60000", GridJson.Wire);

        using var cancelled = await _silo.Http.PostAsJsonAsync($"/api/jobs/{id}/cancel", new ReasonRequest("changed my mind"), GridJson.Wire);

        Assert.Equal(JobState.Cancelled, (await cancelled.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!.State);
        Assert.Equal(JobState.Cancelled, (await waiting)!.State);
        using var retry = await _silo.Http.PostAsync($"/api/jobs/{id}/retry", null);
        Assert.True(retry.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Retry_RunsTheFailedInputsAlone()
    {
        var poison = Sha256.Of([9]);
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!, input => input.Blob.Sha256 == poison
            ? new ItemOutput { Error = new ItemError(ItemErrorCode.Undecodable, "not a picture") }
            : TestWorker.Honest(input)));
        using var submitted = await SubmitAsync(VerificationPolicy.None, "?wait_ms=20000", [1], [9], [2]);
        var job = await submitted.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire);
        Assert.Equal((JobState.Completed, 1), (job!.State, job.InputsFailed));

        using var retried = await _silo.Http.PostAsync($"/api/jobs/{job.Id}/retry?wait_ms=20000", null);

        var again = await retried.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire);
        Assert.Equal((job.Id, 1, 1), (again!.RetryOf!.Value, again.Inputs, again.InputsFailed));
    }

    [Fact]
    public async Task Submit_OfAnUnknownModel_NamesTheField()
    {
        using var response = await _silo.Http.PostAsJsonAsync(
            "/api/jobs", new SubmitJobRequest(null, new JobSpec { Model = new("none", "1"), Inputs = [new JobInput { Name = "x", Data = [1] }] }), GridJson.Wire);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error;
        Assert.Equal(("model", "unknown_model"), (error.Fields[0].Field, error.Fields[0].Code));
        Assert.Equal("The grid has no model none@1; publish it first.", error.Fields[0].Message);
    }

    [Fact]
    public async Task Publish_TheSameAgain_IsHarmless_AndAnotherUnderItsName_IsAConflict()
    {
        using var same = await PublishAsync(Manifest);
        using var other = await PublishAsync(Manifest with { Description = "another" });

        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
    }

    private static ModelManifest Manifest { get; } = new()
    {
        Schema = ModelManifest.SchemaV1,
        Name = Model.Name,
        Version = Model.Version,
        Publisher = "tests",
        Licence = "Apache-2.0",
        Category = "other",
        Preprocess = new Preprocessing { Kind = InputKind.Tensors },
        Postprocess = new Postprocessing { Kind = OutputKind.Tensors },
        Comparator = new Comparator { Kind = ComparatorKind.Exact },
    };

    private async Task StartWorkersAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!));
        }
    }

    private Task<HttpResponseMessage> PublishAsync(ModelManifest manifest) => _silo.Http.PostAsJsonAsync("/api/models", manifest, GridJson.Wire);

    private Task<HttpResponseMessage> SubmitAsync(VerificationPolicy policy, string query, params byte[][] inputs) =>
        SubmitAsync(policy, query, NewId.Job(), inputs);

    private Task<HttpResponseMessage> SubmitAsync(VerificationPolicy policy, string query, JobId id, params byte[][] inputs) =>
        _silo.Http.PostAsJsonAsync(
            "/api/jobs" + query,
            new SubmitJobRequest(id, new JobSpec
            {
                Model = Model,
                Policy = policy,
                Inputs = inputs.Select((data, i) => new JobInput { Name = $"input {i}", Data = data }).ToArray(),
            }),
            GridJson.Wire);

    private async Task<IReadOnlyList<JobStatus>> ListAsync(string query) =>
        (await _silo.Http.GetFromJsonAsync<Page<JobStatus>>("/api/jobs" + query, GridJson.Wire))!.Items;
}
