using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Storage;
using PiGrid.Batches;
using PiGrid.Grains.Batches;
using PiGrid.Grains.Storage;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Batches;

/// <summary>Batches that end before all their calls do, or outlive their silo.</summary>
public sealed class BatchEndTests : IAsyncLifetime, IDisposable
{
    // What the nodes get done before they stall.
    private const byte Done = 3;

    private readonly SemaphoreSlim _mayGoOn = new(0);
    private readonly AheadTime _time = new();
    private BatchGrid _grid = null!;

    public async Task InitializeAsync() => _grid = await BatchGrid.StartAsync(_time, "--Jobs:ShardInputsMax=1", "--Admission:OpenJobsPerRequesterMax=1");

    public async Task DisposeAsync()
    {
        _mayGoOn.Release(1_000);
        await _grid.DisposeAsync();
    }

    public void Dispose() => _mayGoOn.Dispose();

    [Fact]
    public async Task Batch_Cancelled_DeliversWhatWasDone()
    {
        var batch = await StalledAsync();

        var cancelled = await BatchGrid.ReadAsync(await _grid.Http.PostAsync($"/v1/batches/{batch["id"]}/cancel", null));
        Assert.Contains((string)cancelled["status"]!, (string[])["cancelling", "cancelled"]);

        await AssertEndedAsync(await _grid.UntilOverAsync(batch), "cancelled", "batch_cancelled");
        using var again = await _grid.Http.PostAsync($"/v1/batches/{batch["id"]}/cancel", null);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Batch_WhoseTimeIsOver_DeliversWhatWasDone()
    {
        var batch = await StalledAsync();

        _time.Ahead = TimeSpan.FromHours(24);

        await AssertEndedAsync(await _grid.UntilOverAsync(batch), "expired", "batch_expired");
        using var late = await _grid.Http.PostAsync($"/v1/batches/{batch["id"]}/cancel", null);
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
    }

    [Fact]
    public async Task Batch_WhoseSiloIsStartedAgain_GoesOn()
    {
        // Two jobs, of which the grid takes one at a time.
        var batch = await _grid.CreateAsync(await _grid.UploadAsync(
            [.. Enumerable.Range(0, 6).Select(i => BatchGrid.Line($"{i}", (byte)i, i % 2 == 0 ? "\"parameters\":{\"policy\":\"none\"}" : "\"parameters\":{\"policy\":\"none\",\"timeout_ms\":900000}"))]));
        await _grid.UntilAsync(batch, "in_progress");
        await _grid.RestartAsync();
        Assert.Equal("in_progress", (string)(await _grid.GetAsync($"/v1/batches/{batch["id"]}"))["status"]!);

        await _grid.AddWorkerAsync();

        batch = await _grid.UntilOverAsync(batch);
        Assert.Equal(("completed", 6), ((string)batch["status"]!, (int)batch["request_counts"]!["completed"]!));
        var outputs = await _grid.LinesAsync(batch["output_file_id"]);
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"{i}"), outputs.Select(l => (string)l["custom_id"]!));
        Assert.All(outputs, l => Assert.Equal(
            BatchGrid.Digest((byte)int.Parse((string)l["custom_id"]!, System.Globalization.CultureInfo.InvariantCulture)),
            l["response"]!["body"]!["outputs"]![0]!["data"]!.AsArray().Select(v => (byte)(int)v!)));

        // Once more with nothing to do: what has ended stays.
        await _grid.RestartAsync();
        Assert.Equal(batch.ToJsonString(), (await _grid.GetAsync($"/v1/batches/{batch["id"]}")).ToJsonString());
    }

    /// <summary>What a crash leaves behind is a record that lags behind what was done: every step is done again to the same end.</summary>
    [Fact]
    public async Task Batch_WhoseRecordLagsBehind_ComesToTheSameEnd()
    {
        await _grid.AddWorkerAsync();
        var batch = await _grid.UntilOverAsync(await _grid.CreateAsync(await _grid.UploadAsync(
            BatchGrid.Line("a", 1), BatchGrid.Line("b", 2, "\"parameters\":{\"policy\":\"none\",\"timeout_ms\":900000}"), BatchGrid.Line("c", 3, "\"parameters\":{\"policy\":\"misspelt\"}"))));
        var ended = await _grid.LinesAsync(batch["output_file_id"]);
        Func<BatchRecord, BatchRecord>[] earlier =
        [
            end => BatchRules.Accept(end.Spec!, end.Times.CreatedAt),
            end => end with { State = BatchState.InProgress, Output = null, ErrorFile = null, Jobs = end.Jobs.Select(j => j with { State = BatchJobState.Waiting }).ToArray() },
            end => end with { State = BatchState.InProgress, Output = null, ErrorFile = null, Jobs = end.Jobs.Select(j => j with { State = BatchJobState.Submitted }).ToArray() },
            end => end with { State = BatchState.Finalizing, Output = null, ErrorFile = null },
        ];
        foreach (var back in earlier)
        {
            await PutBackAsync((string)batch["id"]!, back);
            await _grid.RestartAsync();

            var again = await _grid.UntilOverAsync(batch);

            Assert.Equal(
                (batch["status"]!.ToJsonString(), batch["output_file_id"]!.ToJsonString(), batch["error_file_id"]!.ToJsonString(), batch["request_counts"]!.ToJsonString()),
                (again["status"]!.ToJsonString(), again["output_file_id"]!.ToJsonString(), again["error_file_id"]!.ToJsonString(), again["request_counts"]!.ToJsonString()));
            Assert.Equal(ended.Select(l => l.ToJsonString()), (await _grid.LinesAsync(again["output_file_id"])).Select(l => l.ToJsonString()));
            Assert.Equal(2, (await _grid.GetAsync("/api/jobs"))["items"]!.AsArray().Count);
        }
    }

    // As if the silo had stopped before it noted more.
    private async Task PutBackAsync(string id, Func<BatchRecord, BatchRecord> back)
    {
        var (storage, grain) = (_grid.Silo.Services.GetRequiredKeyedService<IGrainStorage>(GridStorage.Name), _grid.Silo.Grains.GetGrain<IBatchGrain>(id).GetGrainId());
        var state = new GrainState<BatchRecord>();
        await storage.ReadStateAsync("batch", grain, state);
        state.State = back(state.State!);
        await storage.WriteStateAsync("batch", grain, state);
        await _grid.Silo.Grains.GetGrain<IRegistryGrain>(RegistryLists.KeyOf(RegistryLists.Batches, id)).Put(new RegistryEntry(id, Open: true, state.State.Times.CreatedAt, state.State.Spec!.Requester));
    }

    [Fact]
    public async Task Batch_OneOfWhoseJobsIsCancelled_AnswersItsCallsWithAnError()
    {
        var batch = await StalledAsync();
        var job = (await _grid.GetAsync("/api/jobs"))["items"]![0]!["id"];
        using var cancelled = await _grid.Http.PostAsJsonAsync($"/api/jobs/{job}/cancel", new { reason = "enough of it" });

        batch = await _grid.UntilOverAsync(batch);

        Assert.Equal(("completed", (int)Done, 2), ((string)batch["status"]!, (int)batch["request_counts"]!["completed"]!, (int)batch["request_counts"]!["failed"]!));
        Assert.All(await _grid.LinesAsync(batch["error_file_id"]), l => Assert.Equal(
            (503, "enough of it"), ((int)l["response"]!["status_code"]!, (string)l["response"]!["body"]!["error"]!)));
    }

    /// <summary>A batch of five calls, of which three are done and two are under way for ever.</summary>
    private async Task<JsonNode> StalledAsync()
    {
        var stalling = Enumerable.Range(Done, 2).Select(i => Sha256.Parse(Convert.ToHexStringLower(BatchGrid.Digest((byte)i)))).ToHashSet();

        // One node more than there are calls that hold one up, in whatever order they get them.
        for (var i = 0; i < 3; i++)
        {
            await _grid.AddWorkerAsync(input =>
            {
                if (stalling.Contains(input.Blob.Sha256))
                {
                    _mayGoOn.Wait(TimeSpan.FromSeconds(30));
                }

                return TestWorker.Honest(input);
            });
        }

        var batch = await _grid.CreateAsync(await _grid.UploadAsync([.. Enumerable.Range(0, 5).Select(i => BatchGrid.Line($"{i}", (byte)i))]));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((int)(await _grid.GetAsync($"/v1/batches/{batch["id"]}"))["request_counts"]!["completed"]! < Done)
        {
            await Task.Delay(50, limit.Token);
        }

        return batch;
    }

    private async Task AssertEndedAsync(JsonNode batch, string status, string code)
    {
        Assert.Equal((status, 5, (int)Done, 2), (
            (string)batch["status"]!, (int)batch["request_counts"]!["total"]!, (int)batch["request_counts"]!["completed"]!, (int)batch["request_counts"]!["failed"]!));
        Assert.NotNull(batch[$"{status}_at"]);
        Assert.Equal(["0", "1", "2"], (await _grid.LinesAsync(batch["output_file_id"])).Select(l => (string)l["custom_id"]!));
        var errors = await _grid.LinesAsync(batch["error_file_id"]);
        Assert.Equal(["3", "4"], errors.Select(l => (string)l["custom_id"]!));
        Assert.All(errors, l => Assert.Equal((null, code), (l["response"], (string)l["error"]!["code"]!)));
        var jobs = await _grid.GetAsync("/api/jobs");
        Assert.All(jobs["items"]!.AsArray(), j => Assert.Equal("cancelled", (string)j!["state"]!));
    }

    // The clock of the silo, which the test puts forward.
    private sealed class AheadTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
