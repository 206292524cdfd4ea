using System.Net;
using System.Net.Http.Json;
using PiGrid.Api;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>The model repository, and the limits of the route; the node is one whose work a test holds.</summary>
public sealed class OperatorSwitchTests : IAsyncLifetime
{
    private const string Path = "/v2/models/digest/infer";

    private readonly List<TestWorker> _workers = [];
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TestSilo _silo = null!;

    private static string Body { get; } = Requests.Json("UINT8", "[2]", "[1,2]", ",\"parameters\":{\"policy\":\"none\"}");

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(
            "--Online:KnowledgeAge=00:00:00", "--Api:InferenceBytesMax=4096", "--Api:InferenceCallsMax=1", "--Http:SlowGrace=00:00:02", "--Http:BytesPerSecondMin=1048576");
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken));
        await DigestModel.PublishAsync(_silo);
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!, Hold));
    }

    public async Task DisposeAsync()
    {
        _end.TrySetResult();
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Unload_TakesAVersionOutOfUse_AlsoAfterARestart_UntilItIsLoaded()
    {
        Assert.Equal(HttpStatusCode.OK, (await SwitchAsync("unload")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SwitchAsync("unload")).Status);
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        _workers.Clear();
        await _silo.StopAsync();
        await _silo.StartAgainAsync();

        Assert.Equal("UNAVAILABLE", (await IndexAsync())[0].State);
        Assert.Empty(await IndexAsync("{\"ready\":true}"));
        foreach (var path in new[] { "/v2/models/digest", "/v2/models/digest/ready", "/v2/models/digest/versions/1/ready" })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Answer.GetAsync(_silo.Http, path)).Status);
        }

        var refused = await Answer.PostAsync(_silo.Http, Path, Body);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains("unloaded", refused.Error, StringComparison.Ordinal);
        using (var job = await _silo.Http.PostAsJsonAsync(
            "/api/jobs", new SubmitJobRequest(null, new JobSpec { Model = new("digest", "1"), Inputs = [new JobInput { Name = "x", Data = [1] }] }), GridJson.Wire))
        {
            Assert.Equal("model_unloaded", (await job.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error.Fields[0].Code);
        }

        Assert.Equal(HttpStatusCode.OK, (await SwitchAsync("load")).Status);
        Assert.Equal(("digest", "1", "READY"), (await IndexAsync())[0]);
    }

    [Fact]
    public async Task Unload_OfAVersionInUse_IsRefusedUnlessForced_AndWhatRunsEnds()
    {
        var running = Answer.PostAsync(_silo.Http, Path, Body);
        await _begun.Task;

        var refused = await SwitchAsync("unload", "{\"parameters\":{\"unload_dependents\":false}}");
        var busy = await Answer.PostAsync(_silo.Http, Path, Body);
        var forced = await SwitchAsync("unload", "{\"parameters\":{\"force\":true}}");
        _end.SetResult();

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("in use by 1 calls", refused.Error, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.TooManyRequests, true), (busy.Status, busy.Headers.Contains("Retry-After")));
        Assert.Equal(HttpStatusCode.OK, forced.Status);
        Assert.Equal("digest", (await running).Output("digest").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Switch_WithoutTheOperatorsKeyOrTheModel_IsRefused()
    {
        using var developer = _silo.ClientWith(await _silo.CreateTokenAsync(CredentialKind.Developer));

        Assert.Equal(HttpStatusCode.Forbidden, (await Answer.PostAsync(developer, "/v2/repository/models/digest/unload", "")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Answer.PostAsync(developer, "/v2/repository/index", "")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Answer.PostAsync(_silo.Http, "/v2/repository/models/none/load", "")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Answer.PostAsync(_silo.Http, "/v2/repository/models/digest/versions/9/unload", "{}")).Status);
        Assert.StartsWith("parameters.config: ", (await SwitchAsync("load", "{\"parameters\":{\"config\":\"{}\"}}")).Error, StringComparison.Ordinal);
        Assert.StartsWith("body: ", (await SwitchAsync("load", "[1]")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_OverTheLimit_IsRefused_AlsoWhenItIsPacked()
    {
        using var packed = new MemoryStream();
        await using (var packer = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await packer.WriteAsync(new byte[1 << 20]);
        }

        var large = await Answer.PostAsync(_silo.Http, Path, new byte[4097]);
        var bomb = await Answer.PostAsync(_silo.Http, Path, packed.ToArray(), ("Content-Encoding", "gzip"));
        var unknown = await Answer.PostAsync(_silo.Http, Path, Body, ("Content-Encoding", "br"));
        var broken = await Answer.PostAsync(_silo.Http, Path, Body, ("Content-Encoding", "gzip"));

        Assert.Equal(
            (HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.BadRequest),
            (large.Status, bomb.Status, unknown.Status, broken.Status));
    }

    [Fact]
    public async Task Body_SentOneByteAtATime_IsCutOff_WithTheProtocolsError()
    {
        using var socket = await RawSocket.ConnectAsync(_silo);
        await socket.SendAsync($"POST {Path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_silo.Bootstrap.OperatorKey}\r\nContent-Length: 4000\r\n\r\n");

        var dripping = socket.DripAsync(" ", TimeSpan.FromMilliseconds(50));

        var answer = await socket.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("{\"error\":\"", answer, StringComparison.Ordinal);
        await dripping;
    }

    private ItemOutput Hold(ShardInput input)
    {
        _begun.TrySetResult();
        _end.Task.Wait();
        return TestWorker.Honest(input);
    }

    private Task<Answer> SwitchAsync(string way, string body = "") => Answer.PostAsync(_silo.Http, $"/v2/repository/models/digest/{way}", body);

    private async Task<(string? Name, string? Version, string? State)[]> IndexAsync(string body = "") =>
        [.. (await Answer.PostAsync(_silo.Http, "/v2/repository/index", body)).Json.EnumerateArray().Select(m => (
            m.GetProperty("name").GetString(), m.GetProperty("version").GetString(), m.GetProperty("state").GetString()))];
}
