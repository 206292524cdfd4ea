using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Batches;

/// <summary>A batch's way through the front door: files, storage, jobs and nodes that speak the protocol.</summary>
public sealed class BatchFlowTests : IAsyncLifetime
{
    private BatchGrid _grid = null!;

    public async Task InitializeAsync() =>
        _grid = await BatchGrid.StartAsync("--Batches:LineBytesMax=2048", "--Batches:LinesMax=100", "--Batches:JobsMax=3", "--Batches:JobLinesMax=40", "--Jobs:ShardInputsMax=4");

    public async Task DisposeAsync() => await _grid.DisposeAsync();

    [Fact]
    public async Task Batch_OfGoodLines_GivesTheirOutputsInTheOrderOfTheFile()
    {
        await _grid.AddWorkerAsync();
        var lines = Enumerable.Range(0, 90).Select(i => BatchGrid.Line($"call {i}", (byte)i, $"\"id\":\"own {i}\",\"parameters\":{{\"policy\":\"none\"}}")).ToArray();

        var batch = await _grid.CreateAsync(await _grid.UploadAsync(lines));
        Assert.Equal(("batch", "/v2/infer", "24h"), ((string)batch["object"]!, (string)batch["endpoint"]!, (string)batch["completion_window"]!));
        batch = await _grid.UntilOverAsync(batch);

        Assert.Equal(("completed", 90, 90, 0), (S(batch, "status"), N(batch, "total"), N(batch, "completed"), N(batch, "failed")));
        Assert.Equal(("digest@1", null, null), (S(batch, "model"), batch["error_file_id"], batch["errors"]));
        Assert.True((long)batch["completed_at"]! >= (long)batch["finalizing_at"]! && (long)batch["finalizing_at"]! >= (long)batch["in_progress_at"]!);
        var outputs = await _grid.LinesAsync(batch["output_file_id"]);
        Assert.Equal(Enumerable.Range(0, 90).Select(i => $"call {i}"), outputs.Select(l => S(l, "custom_id")));
        Assert.Equal(90, outputs.Select(l => S(l, "id")).Distinct().Count());
        for (var i = 0; i < outputs.Count; i++)
        {
            var body = outputs[i]["response"]!["body"]!;
            Assert.Equal((200, $"own {i}", "digest", null), ((int)outputs[i]["response"]!["status_code"]!, S(body, "id"), S(body, "model_name"), outputs[i]["error"]));
            Assert.Equal(BatchGrid.Digest((byte)i), body["outputs"]![0]!["data"]!.AsArray().Select(v => (byte)(int)v!));
        }

        // More lines than a job may have; all of them ordinary jobs, with receipts.
        var jobs = await _grid.GetAsync("/api/jobs");
        Assert.Equal([10, 40, 40], jobs["items"]!.AsArray().Select(j => (int)j!["inputs"]!).Order());
        using var receipt = await _grid.Http.GetAsync($"/api/receipts/{outputs[0]["response"]!["request_id"]}");
        Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
    }

    public static TheoryData<string, string[], string, int?, string?> Wrong => new()
    {
        { "/v2/infer", [BatchGrid.Line("a", 1), "{\"custom_id\": \"b\", \"method\""], "invalid_json_line", 2, null },
        { "/v2/infer", [BatchGrid.Line("a", 1), "", BatchGrid.Line("a", 2)], "duplicate_custom_id", 3, "custom_id" },
        { "/v2/infer", [BatchGrid.Line("a", 1, url: "/v2/models/nobody/infer")], "model_not_found", 1, "url" },
        { "/v2/infer", [BatchGrid.Line("a", 1, url: "/v2/models/digest/versions/7/infer")], "model_not_found", 1, "url" },
        { "/v2/infer", [BatchGrid.Line("a", 1, url: "/v1/chat/completions")], "invalid_url", 1, "url" },
        { "/v2/models/digest/versions/1/infer", [BatchGrid.Line("a", 1)], "mismatched_url", 1, "url" },
        { "/v2/infer", [BatchGrid.Line("a", 1), BatchGrid.Line("b", 1, $"\"parameters\":{{}},\"x\":\"{new string('x', 2048)}\"")], "line_too_long", 2, null },
        { "/v2/infer", ["", " ", "\r"], "empty_file", null, null },
        { "/v2/infer", [.. Enumerable.Range(0, 101).Select(i => BatchGrid.Line($"{i}", 1))], "too_many_lines", 101, null },
        { "/v2/infer", [.. Enumerable.Range(2, 4).Select(k => BatchGrid.Line($"{k}", 1, $"\"parameters\":{{\"policy\":\"quorum({k})\"}}"))], "too_many_jobs", 4, "body" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Batch_OfAWrongFile_FailsBeforeAnythingRuns(string endpoint, string[] lines, string code, int? line, string? param)
    {
        var batch = await _grid.UntilOverAsync(await _grid.CreateAsync(await _grid.UploadAsync(lines), endpoint));

        Assert.Equal("failed", S(batch, "status"));
        var error = batch["errors"]!["data"]!.AsArray().Single()!;
        Assert.Equal((code, line, param), (S(error, "code"), (int?)error["line"], (string?)error["param"]));
        Assert.NotEmpty(S(error, "message"));
        Assert.Empty((await _grid.GetAsync("/api/jobs"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Batch_OfCallsOfWhichSomeAreWrong_AnswersEachForItself()
    {
        await _grid.AddWorkerAsync(input => input.Blob.Sha256.ToArray().AsSpan().SequenceEqual(BatchGrid.Digest(9))
            ? new() { Error = new(PiGrid.Verification.ItemErrorCode.Undecodable, "It is nine.") }
            : TestWorker.Honest(input));
        const string None = "\"parameters\":{\"policy\":\"none\"}";
        var batch = await _grid.UntilOverAsync(await _grid.CreateAsync(await _grid.UploadAsync(
            BatchGrid.Line("good", 1),
            """{"custom_id":"no inputs","method":"POST","url":"/v2/models/digest/infer","body":{}}""",
            BatchGrid.Line("misspelt", 1, "\"parameters\":{\"polisy\":\"none\"}"),
            BatchGrid.Line("binary", 1, "\"parameters\":{\"binary_data_output\":true}"),
            BatchGrid.Line("somewhere", 1, "\"parameters\":{\"region\":\" , \"}"),
            BatchGrid.Line("secret", 1, "\"parameters\":{\"privacy_class\":\"secret\"}"),
            BatchGrid.Line("contradictory", 1, "\"parameters\":{\"privacy_class\":\"private\",\"policy\":\"quorum(2)\"}"),
            BatchGrid.Line("no such output", 1, $"\"outputs\":[{{\"name\":\"other\"}}],{None}"),
            BatchGrid.Line("its output", 2, $"\"outputs\":[{{\"name\":\"digest\"}}],{None}"),
            BatchGrid.Line("its fault", 9),
            BatchGrid.Line("over", 1, "\"parameters\":{\"deadline_ms\":1000}"))));

        Assert.Equal(("completed", 11, 2, 9), (S(batch, "status"), N(batch, "total"), N(batch, "completed"), N(batch, "failed")));
        Assert.Equal(["good", "its output"], (await _grid.LinesAsync(batch["output_file_id"])).Select(l => S(l, "custom_id")));
        var errors = await _grid.LinesAsync(batch["error_file_id"]);
        Assert.Equal(
            ["no inputs", "misspelt", "binary", "somewhere", "secret", "contradictory", "no such output", "its fault", "over"],
            errors.Select(l => S(l, "custom_id")));
        Assert.All(errors, l => Assert.Equal((400, null), ((int)l["response"]!["status_code"]!, l["error"])));
        string[] said = ["inputs", "polisy", "binary_data_output", "region", "privacy_class", "policy", "other", "It is nine.", "deadline_ms"];
        Assert.All(errors.Zip(said), p => Assert.Contains(p.Second, S(p.First["response"]!["body"]!, "error"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Batch_OfCallsOnDifferentTerms_RunsEachOnItsOwn()
    {
        await _grid.AddWorkerAsync();
        await _grid.AddWorkerAsync();

        var batch = await _grid.UntilOverAsync(await _grid.CreateAsync(await _grid.UploadAsync(
            BatchGrid.Line("a", 1),
            BatchGrid.Line("b", 2, "\"parameters\":{\"policy\":\"quorum(2)\",\"timeout_ms\":600000}"),
            BatchGrid.Line("c", 3),
            BatchGrid.Line("d", 4, "\"parameters\":{\"policy\":\"none\",\"price_limit\":7}"),
            BatchGrid.Line("e", 5, "\"parameters\":{\"price_limit\":7,\"policy\":\"none\"}"))));

        Assert.Equal(("completed", 5), (S(batch, "status"), N(batch, "completed")));
        var replicas = (await _grid.LinesAsync(batch["output_file_id"])).Select(l => (int)l["response"]!["body"]!["parameters"]!["replicas"]!);
        Assert.Equal([1, 2, 1, 1, 1], replicas);
        var jobs = (await _grid.GetAsync("/api/jobs"))["items"]!.AsArray()
            .OrderBy(j => S(j!, "policy"), StringComparer.Ordinal).ThenBy(j => j!["placement"] is not null).ToArray();
        Assert.Equal([("none", 2), ("none", 2), ("quorum(2)", 1)], jobs.Select(j => (S(j!, "policy"), (int)j!["inputs"]!)));
        var created = DateTimeOffset.FromUnixTimeSeconds((long)batch["created_at"]!);
        Assert.Null(jobs[0]!["deadline"]);
        Assert.Equal([null, 7L, null], jobs.Select(j => (long?)j!["placement"]?["price_limit"]));
        Assert.InRange((DateTimeOffset)jobs[2]!["deadline"]! - created, TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(601));
    }

    [Fact]
    public async Task Batch_SentTwiceWithOneKey_IsThereOnce()
    {
        var file = await _grid.UploadAsync(BatchGrid.Line("a", 1));
        async Task<HttpResponseMessage> CreateAsync(string window)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/batches")
            {
                Content = JsonContent.Create(new { input_file_id = file, endpoint = "/v2/infer", completion_window = window, metadata = new { a = "b" } }),
                Headers = { { "Idempotency-Key", "k" } },
            };
            return await _grid.Http.SendAsync(request);
        }

        var first = await BatchGrid.ReadAsync(await CreateAsync("1h"));
        var again = await BatchGrid.ReadAsync(await CreateAsync("1h"));
        using var other = await CreateAsync("2h");

        Assert.Equal((S(first, "id"), "b"), (S(again, "id"), S(again["metadata"]!, "a")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Single((await _grid.GetAsync("/v1/batches"))["data"]!.AsArray());
    }

    private static string S(JsonNode node, string name) => (string)node[name]!;

    private static int N(JsonNode batch, string name) => (int)batch["request_counts"]![name]!;
}
