using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using PiGrid.Api;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo;

/// <summary>Jobs in lists, their results as they come, and all of them as an archive.</summary>
public sealed class JobStreamTests : IAsyncLifetime
{
    private readonly List<TestWorker> _workers = [];
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync("--Jobs:ShardInputsMax=1");
        await using (await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken))
        {
            await DigestModel.PublishAsync(_silo);
            await PublishBoxesAsync();
        }
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
    public async Task Results_FollowedAsTheyCome_GoOnAfterTheLastOneUntilTheEnd()
    {
        var job = await SubmitAsync("digest", 6);
        using var mayGoOn = new SemaphoreSlim(3);
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!, input =>
        {
            mayGoOn.Wait(TimeSpan.FromSeconds(20));
            return TestWorker.Honest(input);
        }));

        // Three are there while the fourth is not.
        var first = new List<int>();
        await foreach (var item in FollowAsync(job, null))
        {
            first.Add(int.Parse(item.EventId!, System.Globalization.CultureInfo.InvariantCulture));
            if (first.Count == 3)
            {
                break;
            }
        }

        mayGoOn.Release(100);
        var rest = new List<SseItem<string>>();
        await foreach (var item in FollowAsync(job, "2"))
        {
            rest.Add(item);
        }

        Assert.Equal([0, 1, 2], first);
        Assert.Equal(["3", "4", "5"], rest.SkipLast(1).Select(i => i.EventId!));
        Assert.All(rest.SkipLast(1), item => Assert.NotNull(JsonSerializer.Deserialize<JobResult>(item.Data, GridJson.Wire)!.Output.Tensors));
        Assert.Equal(("end", JobState.Completed), (rest[^1].EventType, JsonSerializer.Deserialize<JobStatus>(rest[^1].Data, GridJson.Wire)!.State));
    }

    [Fact]
    public async Task Archive_OfAnEndedJob_HasAllThatItGave()
    {
        var job = await SubmitAsync("boxes", 2);
        using (var early = await _silo.Http.GetAsync($"/api/jobs/{job}/archive"))
        {
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        }

        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!, _ => new()
        {
            Detections = new List<Detection> { new(2, "bus", 0.9, new Box(10, 20, 40.5, 80)) },
        }));
        var status = await _silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{job}?wait_ms=20000", GridJson.Wire);
        Assert.Equal((JobState.Completed, null), (status!.State, status.Error));

        await using var zip = new ZipArchive(new MemoryStream(await _silo.Http.GetByteArrayAsync($"/api/jobs/{job}/archive")));

        Assert.Equal(["job.json", "results.jsonl", "receipts.jsonl", "coco.json"], zip.Entries.Select(e => e.Name));
        Assert.Equal(status, JsonSerializer.Deserialize<JobStatus>(await TextAsync(zip, "job.json"), GridJson.Wire));
        Assert.Equal(["input 0", "input 1"], (await LinesAsync<JobResult>(zip, "results.jsonl")).Select(r => r.Name));
        var receipts = await LinesAsync<Receipt>(zip, "receipts.jsonl");
        Assert.Equal([0, 1], receipts.Select(r => r.Body.Id.Shard.Index));
        var coco = JsonNode.Parse(await TextAsync(zip, "coco.json"))!;
        Assert.Equal(["input 0", "input 1"], coco["images"]!.AsArray().Select(i => (string)i!["file_name"]!));
        Assert.Equal([(1, 1), (2, 2)], coco["annotations"]!.AsArray().Select(a => ((int)a!["id"]!, (int)a["image_id"]!)));
        Assert.Equal("[10,20,30.5,60]", coco["annotations"]![0]!["bbox"]!.ToJsonString());
        Assert.Equal("""[{"id":3,"name":"bus"}]""", coco["categories"]!.ToJsonString());
    }

    [Fact]
    public async Task List_Filtered_HasThoseJobsInPages()
    {
        var digests = new List<JobId>();
        for (var i = 0; i < 3; i++)
        {
            digests.Add(await SubmitAsync("digest", 1));
        }

        var boxes = await SubmitAsync("boxes", 1);
        using var cancelled = await _silo.Http.PostAsJsonAsync($"/api/jobs/{digests[0]}/cancel", new { reason = "enough" });

        Assert.Equal(digests.Skip(1).Reverse(), await ListAsync("state=running&model=digest"));
        Assert.Equal([digests[0]], await ListAsync("state=cancelled"));
        Assert.Equal([boxes], await ListAsync("model=boxes@1"));
        Assert.Equal(4, (await ListAsync("since=2020-01-01")).Count);
        Assert.Empty(await ListAsync($"since={DateTimeOffset.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}"));

        var page = await _silo.Http.GetFromJsonAsync<Page<JobStatus>>("/api/jobs?model=digest&limit=2", GridJson.Wire);
        var next = await _silo.Http.GetFromJsonAsync<Page<JobStatus>>($"/api/jobs?model=digest&limit=2&after={page!.Next}", GridJson.Wire);
        Assert.Equal(digests.AsEnumerable().Reverse(), page.Items.Concat(next!.Items).Select(j => j.Id));
        Assert.Null(next.Next);

        using var wrong = await _silo.Http.GetAsync("/api/jobs?state=done");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task Submit_AnotherJobUnderAnIdThatIsTaken_IsRefused()
    {
        var id = NewId.Job();
        using var first = await DigestModel.SubmitAsync(_silo, id, VerificationPolicy.None, [1], [2]);
        using var again = await DigestModel.SubmitAsync(_silo, id, VerificationPolicy.None, [1], [2]);
        using var other = await DigestModel.SubmitAsync(_silo, id, VerificationPolicy.None, [1], [3]);
        using var stricter = await DigestModel.SubmitAsync(_silo, id, VerificationPolicy.Quorum(2), [1], [2]);

        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Accepted], [first.StatusCode, again.StatusCode]);
        Assert.Equal([HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity], [other.StatusCode, stricter.StatusCode]);
        var error = (await other.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error;
        Assert.Equal("idempotency_conflict", error.Fields.Single().Code);
    }

    private async Task<IReadOnlyList<JobId>> ListAsync(string query) =>
        [.. (await _silo.Http.GetFromJsonAsync<Page<JobStatus>>($"/api/jobs?{query}", GridJson.Wire))!.Items.Select(j => j.Id)];

    private async IAsyncEnumerable<SseItem<string>> FollowAsync(JobId job, string? last)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/jobs/{job}/results") { Headers = { Accept = { new("text/event-stream") } } };
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        using var response = await _silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
        {
            yield return item;
        }
    }

    private async Task<JobId> SubmitAsync(string model, int inputs)
    {
        var spec = new JobSpec
        {
            Model = new(model, "1"),
            Policy = VerificationPolicy.None,
            Inputs = Enumerable.Range(0, inputs).Select(i => new JobInput { Name = $"input {i}", Data = [(byte)i] }).ToArray(),
        };
        using var response = await _silo.Http.PostAsJsonAsync("/api/jobs", new SubmitJobRequest(null, spec), GridJson.Wire);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!.Id;
    }

    private async Task PublishBoxesAsync()
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        using var uploaded = await _silo.Http.PostAsync("/api/blobs", content);
        var blob = (await uploaded.Content.ReadFromJsonAsync<BlobRef>(GridJson.Wire))!;
        var manifest = Inference.Manifests.Detections with { Name = "boxes", Version = "1", Model = new() { File = "model.onnx", Sha256 = blob.Sha256, Size = blob.Size } };
        using var published = await _silo.Http.PostAsJsonAsync("/api/models", manifest, GridJson.Wire);
        Assert.True(published.IsSuccessStatusCode, await published.Content.ReadAsStringAsync());
        var status = await _silo.Http.GetFromJsonAsync<ModelStatus>("/api/models/boxes/versions/1?wait_ms=20000", GridJson.Wire);
        Assert.Equal((ModelState.Ready, null), (status!.State, status.Reason));
    }

    private static async Task<string> TextAsync(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(await zip.GetEntry(name)!.OpenAsync());
        return await reader.ReadToEndAsync();
    }

    private static async Task<IReadOnlyList<T>> LinesAsync<T>(ZipArchive zip, string name) =>
        [.. (await TextAsync(zip, name)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<T>(l, GridJson.Wire)!)];
}
