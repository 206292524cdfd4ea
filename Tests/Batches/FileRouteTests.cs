using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PiGrid.Api;
using PiGrid.Grains.Batches;

namespace PiGrid.Tests.Batches;

/// <summary>What can go wrong with files, batches and models under <c>/v1</c>, in the form that OpenAI's clients read.</summary>
public sealed class FileRouteTests : IAsyncLifetime
{
    private BatchGrid _grid = null!;

    public async Task InitializeAsync() => _grid = await BatchGrid.StartAsync("--Batches:FileBytesMax=4096", "--Batches:FilesPerKeyMax=5");

    public async Task DisposeAsync() => await _grid.DisposeAsync();

    [Fact]
    public async Task File_InWhateverOrderItsFormIs_IsStoredAndGivenBack()
    {
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new StringContent("created_at"), "expires_after[anchor]" }, { new StringContent("3600"), "expires_after[seconds]" } };
        form.Add(new StringContent("some\nlines"), "file", "../my calls.jsonl");
        var file = await BatchGrid.ReadAsync(await _grid.Http.PostAsync("/v1/files", form));

        Assert.Equal(("file", "my calls.jsonl", "batch", 10, "processed"), ((string)file["object"]!, (string)file["filename"]!, (string)file["purpose"]!, (int)file["bytes"]!, (string)file["status"]!));
        Assert.Equal(3600, (long)file["expires_at"]! - (long)file["created_at"]!);
        Assert.Equal(file.ToJsonString(), (await _grid.GetAsync($"/v1/files/{file["id"]}")).ToJsonString());
        Assert.Equal("some\nlines", await _grid.Http.GetStringAsync($"/v1/files/{file["id"]}/content"));

        var deleted = await BatchGrid.ReadAsync(await _grid.Http.DeleteAsync($"/v1/files/{file["id"]}"));
        Assert.True((bool)deleted["deleted"]!);
        await AssertErrorAsync(await _grid.Http.GetAsync($"/v1/files/{file["id"]}/content"), HttpStatusCode.NotFound, "not_found");
    }

    public static TheoryData<string, string, int, string?> Forms => new()
    {
        { "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n", 400, "purpose" },
        { "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b--\r\n", 400, "file" },
        { "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx", 400, null },
        { "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n\r\n--b--\r\n", 400, "file" },
        { "multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n", 400, null },
        { "multipart/form-data; boundary=b", "--b\r\nX: " + new string('x', 10_000) + "\r\n\r\nx\r\n--b--\r\n", 400, null },
        { "multipart/form-data", "x", 400, null },
        { "application/json", "{}", 400, null },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Upload_ThatIsNoForm_SaysWhatIsWrong(string type, string body, int status, string? param)
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        await AssertErrorAsync(await _grid.Http.PostAsync("/v1/files", content), (HttpStatusCode)status, "invalid_value", param);
    }

    [Theory]
    [InlineData("fine-tune", 10, 400, "purpose")]
    [InlineData("batch", 4097, 413, "file")]
    public async Task Upload_ThatIsNotWanted_IsRefused(string purpose, int bytes, int status, string param)
    {
        using var form = BatchGrid.Form(new string('x', bytes), purpose);
        await AssertErrorAsync(await _grid.Http.PostAsync("/v1/files", form), (HttpStatusCode)status, status == 413 ? "too_large" : "invalid_value", param);
    }

    [Fact]
    public async Task Files_OfAKey_AreListedInPages_UpToALimit()
    {
        using var mine = _grid.Silo.ClientWith(await _grid.Silo.CreateTokenAsync(CredentialKind.Developer));
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            using var form = BatchGrid.Form($"{i}");
            ids.Add((string)(await BatchGrid.ReadAsync(await mine.PostAsync("/v1/files", form)))["id"]!);
        }

        using (var more = BatchGrid.Form("more"))
        {
            await AssertErrorAsync(await mine.PostAsync("/v1/files", more), HttpStatusCode.BadRequest, "too_many_files");
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await BatchGrid.ReadAsync(await mine.GetAsync($"/v1/files?limit=2&order=asc&purpose=batch{(after is null ? "" : $"&after={after}")}"));
            var names = page["data"]!.AsArray().Select(f => (string)f!["id"]!).ToArray();
            Assert.Equal((names[0], names[^1]), ((string)page["first_id"]!, (string)page["last_id"]!));
            seen.AddRange(names);
            after = (bool)page["has_more"]! ? (string)page["last_id"]! : null;
        }
        while (after is not null);

        Assert.Equal(ids.Order(), seen.Order());
        Assert.Empty((await BatchGrid.ReadAsync(await mine.GetAsync("/v1/files?purpose=batch_output")))["data"]!.AsArray());
        await AssertErrorAsync(await mine.GetAsync("/v1/files?limit=0"), HttpStatusCode.BadRequest, "invalid_value", "limit");
        await AssertErrorAsync(await mine.GetAsync("/v1/files?after=file-x"), HttpStatusCode.BadRequest, "invalid_value", "after");

        // Another key sees none of them; the operator's sees all.
        using var other = _grid.Silo.ClientWith(await _grid.Silo.CreateTokenAsync(CredentialKind.Developer));
        Assert.Empty((await BatchGrid.ReadAsync(await other.GetAsync("/v1/files")))["data"]!.AsArray());
        await AssertErrorAsync(await other.GetAsync($"/v1/files/{ids[0]}"), HttpStatusCode.NotFound, "not_found");
        await AssertErrorAsync(
            await other.PostAsJsonAsync("/v1/batches", new { input_file_id = ids[0], endpoint = "/v2/infer", completion_window = "24h" }), HttpStatusCode.BadRequest, "invalid_value", "input_file_id");
        Assert.Equal(5, (await _grid.GetAsync("/v1/files"))["data"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("{", "malformed", "$")]
    [InlineData("""{"endpoint":"/v1/chat/completions","completion_window":"24h"}""", "invalid_value", "endpoint")]
    [InlineData("""{"endpoint":"/v2/infer","completion_window":"soon"}""", "invalid_value", "completion_window")]
    [InlineData("""{"endpoint":"/v2/infer","completion_window":"0h"}""", "invalid_value", "completion_window")]
    [InlineData("""{"endpoint":"/v2/infer","completion_window":"9999999d"}""", "invalid_value", "completion_window")]
    [InlineData("""{"endpoint":"/v2/infer","completion_window":"24h","metadata":{"a":null}}""", "invalid_value", "metadata")]
    [InlineData("""{"endpoint":"/v2/infer","completion_window":"24h","output_expires_after":{"anchor":"created_at","seconds":1}}""", "invalid_value", "output_expires_after")]
    [InlineData("""{"endpoint":"/v2/infer","completion_window":"24h","input_file_id":"file-1"}""", "invalid_value", "input_file_id")]
    public async Task Batch_ThatIsAskedForWrongly_SaysWhatIsWrong(string body, string code, string param)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await AssertErrorAsync(await _grid.Http.PostAsync("/v1/batches", content), HttpStatusCode.BadRequest, code, param);
    }

    [Fact]
    public async Task Request_ThatIsRefused_GetsTheErrorThatTheClientsRead()
    {
        using var nobody = _grid.Silo.ClientWith(null);
        await AssertErrorAsync(await nobody.GetAsync("/v1/models"), HttpStatusCode.Unauthorized, "unauthorized", type: "authentication_error");
        using var created = await _grid.Http.PostAsJsonAsync(
            "/api/tokens", new CreateTokenRequest { Kind = CredentialKind.Developer, Name = "k", Scopes = [KeyScope.Infer], RequestsPerSecond = 0.01 }, GridJson.Wire);
        using var infer = _grid.Silo.ClientWith((await created.Content.ReadFromJsonAsync<CreateTokenResponse>(GridJson.Wire))!.Secret);
        await AssertErrorAsync(await infer.GetAsync("/v1/files"), HttpStatusCode.Forbidden, "forbidden", type: "permission_error");
        (await infer.GetAsync("/v1/models")).EnsureSuccessStatusCode();
        await AssertErrorAsync(await infer.GetAsync("/v1/models"), HttpStatusCode.TooManyRequests, "rate_limited", type: "rate_limit_error");
        await AssertErrorAsync(await _grid.Http.GetAsync("/v1/nothing"), HttpStatusCode.NotFound, "not_found");
        await AssertErrorAsync(await _grid.Http.GetAsync("/v1/batches/batch_1"), HttpStatusCode.NotFound, "not_found", "id");
    }

    [Fact]
    public async Task Models_AreThoseThatAreReady()
    {
        var model = (await _grid.GetAsync("/v1/models"))["data"]!.AsArray().Single()!;
        Assert.Equal(("digest@1", "model", "tests"), ((string)model["id"]!, (string)model["object"]!, (string)model["owned_by"]!));
        Assert.Equal(model.ToJsonString(), (await _grid.GetAsync("/v1/models/digest@1")).ToJsonString());
        Assert.Equal("digest", (string)(await _grid.GetAsync("/v1/models/digest"))["id"]!);
        await AssertErrorAsync(await _grid.Http.GetAsync("/v1/models/digest@2"), HttpStatusCode.NotFound, "model_not_found", "model");
    }

    [Fact]
    public async Task WhatWasKeptLongEnough_IsDeleted()
    {
        await using var grid = await BatchGrid.StartAsync("--Batches:FileRetention=00:00:01", "--Batches:Retention=00:00:00.001");
        var batch = await grid.UntilOverAsync(await grid.CreateAsync(await grid.UploadAsync("x")));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await grid.GetAsync("/v1/files"))["data"]!.AsArray().Count > 0)
        {
            await Task.Delay(50, limit.Token);
        }

        await grid.Silo.Services.GetServices<IHostedService>().OfType<BatchRetention>().Single().SweepAsync(default);

        await AssertErrorAsync(await grid.Http.GetAsync($"/v1/batches/{batch["id"]}"), HttpStatusCode.NotFound, "not_found");
        Assert.Empty(await EntriesAsync(grid, RegistryLists.Files));
        Assert.Empty(await EntriesAsync(grid, RegistryLists.Batches));
    }

    private static async Task<IEnumerable<RegistryEntry>> EntriesAsync(BatchGrid grid, string list) =>
        (await Task.WhenAll(RegistryLists.KeysOf(list).Select(key => grid.Silo.Grains.GetGrain<IRegistryGrain>(key).List()))).SelectMany(e => e);

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string code, string? param = null, string type = "invalid_request_error")
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == status, $"{response.StatusCode}: {text}");
            var error = JsonNode.Parse(text)!["error"]!;
            Assert.Equal((code, type), ((string)error["code"]!, (string)error["type"]!));
            Assert.NotEmpty((string)error["message"]!);
            if (param is not null)
            {
                Assert.Equal(param, (string?)error["param"]);
            }
        }
    }
}
