using System.Net;
using System.Net.Http.Json;
using PiGrid.Api;

namespace PiGrid.Tests.Silo;

/// <summary>What API keys open, how much they may ask for, and how their secrets are changed.</summary>
public sealed class KeyTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync("--Api:RequestsPerSecond=100000");

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Theory]
    [InlineData(KeyScope.Submit, "GET /api/jobs", "POST /api/models", "'publish'")]
    [InlineData(KeyScope.Publish, "POST /api/models", "GET /api/jobs", "'submit'")]
    [InlineData(KeyScope.Operate, "GET /api/tokens", "GET /api/jobs", "'submit'")]
    [InlineData(KeyScope.Infer, "GET /api/grid", "POST /api/blobs", "'submit' or 'publish'")]
    public async Task Scope_Always_OpensItsRoutesAndNoOthers(KeyScope scope, string open, string closed, string names)
    {
        using var key = _silo.ClientWith((await CreateAsync(new() { Kind = CredentialKind.Developer, Name = "k", Scopes = [scope] })).Secret);

        using var allowed = await SendAsync(key, open);
        using var forbidden = await SendAsync(key, closed);

        Assert.NotEqual(HttpStatusCode.Forbidden, allowed.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Contains(names, (await forbidden.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rate_WhenItIsExceeded_IsRefusedWithATimeToWait()
    {
        using var key = _silo.ClientWith((await CreateAsync(new() { Kind = CredentialKind.Developer, Name = "k", RequestsPerSecond = 2 })).Secret);
        using var other = _silo.ClientWith(await _silo.CreateTokenAsync(CredentialKind.Developer));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => key.GetAsync("/api/grid")));

        var refused = answers.Where(a => a.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.InRange(answers.Length - refused.Count, 2, 19);
        Assert.All(refused, answer => Assert.True(answer.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1)));
        Assert.Contains("2 requests a second", (await refused[0].Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/api/grid")).StatusCode);
    }

    [Fact]
    public async Task OpenRequests_WhenThereAreTooMany_AreRefusedUntilOneEnds()
    {
        await DigestModelAsync();
        var made = await CreateAsync(new() { Kind = CredentialKind.Developer, Name = "k", ConcurrentRequests = 1 });
        using var key = _silo.ClientWith(made.Secret);
        var job = NewId.Job();
        using var submitted = await DigestModel.SubmitAsync(_silo, job, VerificationPolicy.None, [1]);
        submitted.EnsureSuccessStatusCode();

        using (var events = await key.GetAsync($"/api/jobs/{job}/events", HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, events.StatusCode);
            using var second = await key.GetAsync("/api/grid");
            Assert.Equal("too_many_open", (await second.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error.Code);
            await _silo.Http.PostAsJsonAsync($"/api/jobs/{job}/cancel", new ReasonRequest("test"), GridJson.Wire);
            await events.Content.ReadAsByteArrayAsync();
        }

        HttpStatusCode status;
        do
        {
            // The stream's handler ends just after its last byte.
            using var third = await key.GetAsync("/api/grid");
            status = third.StatusCode;
        }
        while (status == HttpStatusCode.TooManyRequests);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Rotate_WithGrace_LetsBothSecretsOpenAndOneIdListed()
    {
        var made = await CreateAsync(new() { Kind = CredentialKind.Developer, Name = "k", Scopes = [KeyScope.Infer] });
        var rotated = await RotateAsync(made.Info.Id, graceSeconds: 3600);

        Assert.Equal(made.Info.Id, rotated.Info.Id);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await StatusAsync(made.Secret), await StatusAsync(rotated.Secret)));
        var listed = await _silo.Http.GetFromJsonAsync<Page<CredentialInfo>>("/api/tokens", GridJson.Wire);
        Assert.Single(listed!.Items, c => c.Id == made.Info.Id);

        var last = await RotateAsync(made.Info.Id, graceSeconds: 0);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(made.Secret));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(rotated.Secret));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(last.Secret));
        using var revoked = await _silo.Http.DeleteAsync($"/api/tokens/{made.Info.Id}");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(last.Secret));
        using var again = await _silo.Http.PostAsJsonAsync($"/api/tokens/{made.Info.Id}/rotate", new RotateTokenRequest(), GridJson.Wire);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task Anonymous_ByDefault_MayNothingAndByOptionNoMoreThanItSays()
    {
        using var nobody = _silo.ClientWith(null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/api/grid")).StatusCode);

        await using var open = await TestSilo.StartAsync("--Api:Anonymous=infer");
        using var anybody = open.ClientWith(null);
        Assert.Equal(HttpStatusCode.OK, (await anybody.GetAsync("/api/grid")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.GetAsync("/api/jobs")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.GetAsync("/api/tokens")).StatusCode);
    }

    [Fact]
    public async Task IdempotencyKey_WhenASubmissionIsSentAgain_MakesOneJob()
    {
        await DigestModelAsync();
        using var other = _silo.ClientWith(await _silo.CreateTokenAsync(CredentialKind.Developer));

        var first = await SubmitAsync(_silo.Http, "once");
        Assert.Equal(first, await SubmitAsync(_silo.Http, "once"));
        Assert.NotEqual(first, await SubmitAsync(_silo.Http, "twice"));
        Assert.NotEqual(first, await SubmitAsync(other, "once"));
        using var wrong = await PostJobAsync(_silo.Http, new string('x', 201));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    private static async Task<JobId> SubmitAsync(HttpClient http, string key)
    {
        using var response = await PostJobAsync(http, key);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!.Id;
    }

    private static Task<HttpResponseMessage> PostJobAsync(HttpClient http, string key)
    {
        var spec = new JobSpec { Model = DigestModel.Manifest.Ref, Policy = VerificationPolicy.None, Inputs = [new JobInput { Name = "x", Data = [1] }] };
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/jobs") { Content = JsonContent.Create(new SubmitJobRequest(null, spec), options: GridJson.Wire) };
        request.Headers.Add("Idempotency-Key", key);
        return http.SendAsync(request);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient key, string call)
    {
        var (method, path) = (call.Split(' ')[0], call.Split(' ')[1]);
        return key.SendAsync(new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "GET" ? null : new StringContent("{}") });
    }

    private async Task DigestModelAsync()
    {
        await using var worker = await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken);
        await DigestModel.PublishAsync(_silo);
    }

    private async Task<HttpStatusCode> StatusAsync(string secret)
    {
        using var key = _silo.ClientWith(secret);
        using var answer = await key.GetAsync("/api/grid");
        return answer.StatusCode;
    }

    private async Task<CreateTokenResponse> RotateAsync(TokenId id, double graceSeconds)
    {
        using var response = await _silo.Http.PostAsJsonAsync($"/api/tokens/{id}/rotate", new RotateTokenRequest { GraceSeconds = graceSeconds }, GridJson.Wire);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<CreateTokenResponse>(GridJson.Wire))!;
    }

    private async Task<CreateTokenResponse> CreateAsync(CreateTokenRequest request)
    {
        using var response = await _silo.Http.PostAsJsonAsync("/api/tokens", request, GridJson.Wire);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<CreateTokenResponse>(GridJson.Wire))!;
    }
}
