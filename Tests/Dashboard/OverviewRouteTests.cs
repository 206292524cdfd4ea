using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Dashboard;

/// <summary>The routes that feed the dashboard, without a browser.</summary>
public sealed class OverviewRouteTests : IAsyncLifetime
{
    private readonly List<TestWorker> _workers = [];
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync("--Dashboard:SamplePeriod=00:00:00.100", "--Dashboard:CountPeriod=00:00:00", "--Dashboard:StreamLifetime=00:00:02", "--Dashboard:ShardsPageMax=4");
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken, PictureJob.Find));
        await PictureJob.PublishAsync(_silo);
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await _silo.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/overview")]
    [InlineData("/api/overview/events")]
    [InlineData("/api/overview/nodes")]
    [InlineData("/api/incidents")]
    [InlineData("/api/jobs/j_aaaaaaaaaaaaaaaaaaaaaaaaaa/shards")]
    public async Task Routes_WithoutAKey_TellNothing(string route)
    {
        using var http = _silo.ClientWith(null);
        using var response = await http.GetAsync(route);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Stream_TellsTheGridUntilItsTimeIsOver()
    {
        using var response = await _silo.Http.GetAsync("/api/overview/events", HttpCompletionOption.ResponseHeadersRead);
        var seen = new List<JsonElement>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            seen.Add(JsonSerializer.Deserialize<JsonElement>(item.Data));
        }

        Assert.True(seen.Count > 1);
        Assert.Equal(1, seen[^1].GetProperty("nodes").GetProperty("connected").GetInt32());
        Assert.Equal("operator", seen[^1].GetProperty("nodes").GetProperty("tiers")[0].GetProperty("name").GetString());
        Assert.Equal(1, seen[^1].GetProperty("models").GetInt32());
    }

    [Fact]
    public async Task Shards_OfAJob_ComeInPagesWithOneInFull()
    {
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!, PictureJob.Find));
        var job = await PictureJob.SubmitAsync(_silo);

        var pace = (await _silo.Http.GetFromJsonAsync<JsonElement>("/api/overview")).GetProperty("shards");
        Assert.InRange(pace.GetProperty("p50_ms").GetDouble(), 0.1, 60_000);

        var page = await _silo.Http.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}/shards?from=3&limit=500");
        Assert.Equal(PictureJob.Count, page.GetProperty("total").GetInt32());
        Assert.Equal([3, 4, 5], page.GetProperty("shards").EnumerateArray().Select(s => s.GetProperty("index").GetInt32()));
        Assert.All(page.GetProperty("shards").EnumerateArray(), shard => Assert.Equal(("accepted", 1), (shard.GetProperty("stage").GetString(), shard.GetProperty("issued").GetInt32())));
        var first = await _silo.Http.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}/shards?limit=500");
        Assert.Equal(4, first.GetProperty("shards").GetArrayLength());

        var shard = await _silo.Http.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}/shards/5");
        Assert.Equal("picture 5.png", shard.GetProperty("inputs")[0].GetProperty("name").GetString());
        Assert.Equal("square", shard.GetProperty("outputs")[0].GetProperty("detections")[0].GetProperty("label").GetString());
        Assert.Equal(_workers[1].Node.Value, shard.GetProperty("shard").GetProperty("replicas")[0].GetProperty("node").GetString());
        Assert.StartsWith("r_", shard.GetProperty("receipt").GetProperty("id").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shards_OfAJobThatWasCancelledBeforeANodeCame_AreGivenUp()
    {
        var job = NewId.Job();
        using var submitted = await PictureJob.PostAsync(_silo, job);
        (await _silo.Http.PostAsJsonAsync($"/api/jobs/{job}/cancel", new { reason = "enough" })).EnsureSuccessStatusCode();

        var page = await _silo.Http.GetFromJsonAsync<JsonElement>($"/api/jobs/{job}/shards");

        Assert.All(page.GetProperty("shards").EnumerateArray(), shard => Assert.Equal("given_up", shard.GetProperty("stage").GetString()));
    }

    [Theory]
    [InlineData("/shards/6", HttpStatusCode.NotFound)]
    [InlineData("/shards/-1", HttpStatusCode.BadRequest)]
    [InlineData("/shards/99999999999", HttpStatusCode.BadRequest)]
    [InlineData("/shards?from=2147483647&limit=2147483647", HttpStatusCode.OK)]
    [InlineData("/shards?from=x&limit=-5", HttpStatusCode.OK)]
    public async Task Shards_AskedForWrongly_AreRefusedOrClamped(string rest, HttpStatusCode expected)
    {
        var job = NewId.Job();
        using var submitted = await PictureJob.PostAsync(_silo, job);

        using var response = await _silo.Http.GetAsync($"/api/jobs/{job}{rest}");

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Incidents_TellABanAndItsEnd()
    {
        var node = (await TestNodeAsync()).Node;
        (await _silo.Http.PostAsJsonAsync($"/api/nodes/{node}/ban", new { reason = "for the test" }, GridJson.Wire)).EnsureSuccessStatusCode();
        var open = await IncidentAsync("owner_banned", closed: false);
        Assert.Contains("for the test", open.GetProperty("detail").GetString(), StringComparison.Ordinal);

        (await _silo.Http.PostAsync($"/api/nodes/{node}/unban", null)).EnsureSuccessStatusCode();
        await IncidentAsync("owner_banned", closed: true);
    }

    private async Task<TestWorker> TestNodeAsync()
    {
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!, PictureJob.Find));
        return _workers[^1];
    }

    // Incidents are reported one way: they are there soon after.
    private async Task<JsonElement> IncidentAsync(string kind, bool closed)
    {
        while (true)
        {
            var page = await _silo.Http.GetFromJsonAsync<JsonElement>("/api/incidents");
            var found = page.GetProperty("items").EnumerateArray()
                .FirstOrDefault(i => i.GetProperty("kind").GetString() == kind && i.TryGetProperty("closed_at", out _) == closed);
            if (found.ValueKind != JsonValueKind.Undefined)
            {
                return found;
            }
        }
    }
}
