using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using PiGrid.Api;

namespace PiGrid.Tests.Silo;

public sealed class ApiTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync("--Blobs:BytesMax=200000", "--Http:JsonBytesMax=2000");

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Theory]
    [InlineData(10)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(200_000)]
    public async Task Blob_WhenPut_IsReadBackWholeAndInRanges(int size)
    {
        var bytes = Enumerable.Range(0, size).Select(i => (byte)(i * 31 % 256)).ToArray();
        var digest = Sha256.Of(bytes);
        using var put = await _silo.Http.PutAsync($"/api/blobs/{digest}", new ByteArrayContent(bytes));
        Assert.Equal(new BlobRef(digest, size), await put.Content.ReadFromJsonAsync<BlobRef>(GridJson.Wire));

        using var head = await _silo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/api/blobs/{digest}"));
        Assert.Equal(size, head.Content.Headers.ContentLength);
        Assert.Equal(bytes, await _silo.Http.GetByteArrayAsync($"/api/blobs/{digest}"));
        using var ranged = new HttpRequestMessage(HttpMethod.Get, $"/api/blobs/{digest}") { Headers = { Range = new RangeHeaderValue(3, 6) } };
        using var part = await _silo.Http.SendAsync(ranged);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(bytes[3..7], await part.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Blob_WhenItIsTooLargeOrNotItsDigest_IsRefusedAndNotKept()
    {
        var other = Sha256.Of("other"u8);
        using var wrong = await _silo.Http.PutAsync($"/api/blobs/{other}", new ByteArrayContent(new byte[10]));
        using var wrongLarge = await _silo.Http.PutAsync($"/api/blobs/{other}", new ByteArrayContent(new byte[100_000]));
        using var large = await _silo.Http.PostAsync("/api/blobs", new ByteArrayContent(new byte[200_001]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/blobs") { Content = new ByteArrayContent(new byte[200_001]), Headers = { TransferEncodingChunked = true } };
        using var chunked = await _silo.Http.SendAsync(request);
        using var missing = await _silo.Http.GetAsync($"/api/blobs/{other}");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.Contains(other.Value, (await ErrorOf(wrong)).Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrongLarge.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal("too_large", (await ErrorOf(large)).Code);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Empty(Directory.GetFiles(Path.Combine(_silo.Folder, "blobs", "incoming")));
    }

    [Fact]
    public async Task Key_WhenItIsMissingWrongOrTooWeak_IsRefusedWithTheRemedy()
    {
        using var none = _silo.ClientWith(null);
        using var wrong = _silo.ClientWith("wrong");
        using var token = _silo.ClientWith(_silo.Bootstrap.EnrolmentToken);
        using var developer = _silo.ClientWith(await _silo.CreateTokenAsync(CredentialKind.Developer));

        Assert.Equal((401, "unauthorized"), await StatusOf(none, "/api/grid"));
        Assert.Equal((401, "unauthorized"), await StatusOf(wrong, "/api/grid"));
        Assert.Equal((403, "forbidden"), await StatusOf(token, "/api/grid"));
        Assert.Equal((403, "forbidden"), await StatusOf(developer, "/api/tokens"));
        using var allowed = await developer.GetAsync("/api/jobs");
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    [Fact]
    public async Task Key_WhenItIsRevoked_NoLongerOpensAnything()
    {
        var created = await _silo.CreateAsync(CredentialKind.Developer);
        using var developer = _silo.ClientWith(created.Secret);
        using var before = await developer.GetAsync("/api/grid");
        using var revoked = await _silo.Http.DeleteAsync($"/api/tokens/{created.Info.Id}");
        using var again = await _silo.Http.DeleteAsync($"/api/tokens/{NewId.Token()}");

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal((401, "unauthorized"), await StatusOf(developer, "/api/grid"));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory]
    [InlineData("/api/jobs", "{", 400, "malformed", "line 1")]
    [InlineData("/api/jobs", "null", 400, "malformed", "null")]
    [InlineData("/api/jobs", """{"spec":{"model":"no-version"}}""", 400, "malformed", "$.spec.model")]
    [InlineData("/api/jobs", """{"id":"j_x","spec":{"model":"a@1"}}""", 400, "malformed", "$.id")]
    [InlineData("/api/jobs", """{"spec":{"model":"a@1","inputs":[{"name":"x","data":"!"}]}}""", 400, "malformed", "$.spec.inputs[0].data")]
    [InlineData("/api/models", """{"schema":"pigrid-manifest/1","colour":1}""", 400, "malformed", "colour")]
    [InlineData("/api/tokens", """{"kind":"king","name":"x"}""", 400, "malformed", "$.kind")]
    [InlineData("/api/tokens", """{"kind":"developer","name":""}""", 422, "invalid", "name")]
    [InlineData("/api/tokens", """{"kind":"developer","name":"x","expires_at":"2001-01-01T00:00:00Z"}""", 422, "invalid", "past")]
    [InlineData("/api/nodes/n_x/ban", """{"reason":"x"}""", 400, "invalid", "n_x")]
    [InlineData("/api/nodes/n_aaaaaaaaaaaaaaaaaaaaaaaaaa/ban", """{"reason":""}""", 422, "invalid", "reason")]
    [InlineData("/api/nodes/n_aaaaaaaaaaaaaaaaaaaaaaaaaa/ban", """{"reason":"x"}""", 404, "not_found", "n_aaaa")]
    [InlineData("/api/jobs/j_aaaaaaaaaaaaaaaaaaaaaaaaaa/cancel", """{"reason":"x"}""", 404, "not_found", "j_aaaa")]
    [InlineData("/api/jobs/j_aaaaaaaaaaaaaaaaaaaaaaaaaa/retry", "", 404, "not_found", "j_aaaa")]
    [InlineData("/api/nothing", "{}", 404, "not_found", "/api/nothing")]
    public async Task Post_WhenTheBodyIsWrong_SaysWhereAndWhat(string path, string body, int status, string code, string named)
    {
        using var response = await _silo.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(status, (int)response.StatusCode);
        var error = await ErrorOf(response);
        Assert.Equal(code, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_WhenTheBodyIsLargerThanAllowed_IsRefused()
    {
        using var response = await _silo.Http.PostAsync("/api/jobs", new StringContent("{\"x\":\"" + new string('x', 3000) + "\"}"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("too_large", (await ErrorOf(response)).Code);
    }

    [Theory]
    [InlineData("/api/jobs/j_aaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("/api/jobs/j_aaaaaaaaaaaaaaaaaaaaaaaaaa?wait_ms=1000")]
    [InlineData("/api/jobs/j_aaaaaaaaaaaaaaaaaaaaaaaaaa/events")]
    [InlineData("/api/jobs/j_aaaaaaaaaaaaaaaaaaaaaaaaaa/results")]
    [InlineData("/api/jobs/j_aaaaaaaaaaaaaaaaaaaaaaaaaa/shards/0/receipt")]
    [InlineData("/api/receipts/r_aaaaaaaaaaaaaaaaaaaaaaaaaa-0")]
    [InlineData("/api/nodes/n_aaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("/api/models/none/versions/1")]
    public async Task Get_WhenThereIsNoSuchThing_SaysSo(string path)
    {
        using var response = await _silo.Http.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("not_found", (await ErrorOf(response)).Code);
    }

    [Fact]
    public async Task Lists_WhenTheyArePaged_GiveEveryItemOnceNewestFirst()
    {
        var nodes = new List<NodeId>();
        for (var i = 0; i < 5; i++)
        {
            await using var node = new TestNode(_silo);
            nodes.Insert(0, (await node.EnrolAsync(_silo.Bootstrap.EnrolmentToken!)).Node);
        }

        var seen = new List<NodeId>();
        string? after = "";
        while (after is not null)
        {
            var page = await _silo.Http.GetFromJsonAsync<Page<NodeStatus>>($"/api/nodes?limit=2&after={after}", GridJson.Wire);
            Assert.InRange(page!.Items.Count, 1, 2);
            seen.AddRange(page.Items.Select(n => n.Id));
            after = page.Next;
        }

        Assert.Equal(nodes, seen);
    }

    [Fact]
    public async Task Node_WhenItIsDrainedAndBanned_SaysSo()
    {
        await using var node = await TestNode.EnrolledAsync(_silo);
        var (_, _) = await node.ConnectAsync();

        using var drained = await _silo.Http.PostAsJsonAsync($"/api/nodes/{node.Id}/drain", new DrainRequest(Drain: true), GridJson.Wire);
        Assert.Equal(NodeState.Draining, (await drained.Content.ReadFromJsonAsync<NodeStatus>(GridJson.Wire))!.State);
        using var banned = await _silo.Http.PostAsJsonAsync($"/api/nodes/{node.Id}/ban", new ReasonRequest("forged results"), GridJson.Wire);
        Assert.Equal(NodeState.Banned, (await banned.Content.ReadFromJsonAsync<NodeStatus>(GridJson.Wire))!.State);
        using var unbanned = await _silo.Http.PostAsync($"/api/nodes/{node.Id}/unban", null);
        Assert.NotEqual(NodeState.Banned, (await unbanned.Content.ReadFromJsonAsync<NodeStatus>(GridJson.Wire))!.State);
    }

    [Fact]
    public async Task Health_NeedsNoKey()
    {
        using var anyone = _silo.ClientWith(null);
        using var live = await anyone.GetAsync("/health/live");
        using var ready = await anyone.GetAsync("/health/ready");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (live.StatusCode, ready.StatusCode));
    }

    private static async Task<(int Status, string Code)> StatusOf(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        return ((int)response.StatusCode, (await ErrorOf(response)).Code);
    }

    private static async Task<ApiErrorDetail> ErrorOf(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error;
}
