using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PiGrid.Api;
using PiGrid.Silo.Api.OpenApi;
using PiGrid.Tests.Batches;
using PiGrid.Tests.Silo.OpenInference;

namespace PiGrid.Tests.OpenApi;

/// <summary><c>/openapi.json</c> says what is served: the same routes, and answers that its schemas describe.</summary>
public sealed partial class OpenApiTests : IAsyncLifetime
{
    private static readonly string[] Described = ["v1", "v2", "api", "health", "metrics", "openapi.json"];

    private SameGrid _grid = null!;
    private JsonObject _document = null!;
    private SchemaValidator _schemas = null!;

    private HttpClient Http => _grid.Silo.Http;

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Placeholder { get; }

    public async Task InitializeAsync()
    {
        _grid = await SameGrid.StartAsync("--Dashboard:StreamLifetime=00:00:01");
        using var anybody = _grid.Silo.ClientWith(null);
        _document = JsonNode.Parse(await anybody.GetStringAsync("/openapi.json"))!.AsObject();
        _schemas = new(_document);
    }

    public async Task DisposeAsync() => await _grid.DisposeAsync();

    [Fact]
    public void Routes_ThatAreMapped_AreThoseOfTheDocument()
    {
        var mapped = _grid.Silo.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.IExcludeFromDescriptionMetadata>() is null)
            .SelectMany(route => (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Select(method => $"{method} /{route.RoutePattern.RawText!.TrimStart('/')}"))
            .Where(route => Described.Contains(route.Split('/')[1]))
            .ToHashSet();
        var described = _document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(o => $"{o.Key.ToUpperInvariant()} {path.Key}")).ToHashSet();

        Assert.True(mapped.SetEquals(described), $"""
            These routes are mapped and not described: {string.Join(", ", mapped.Except(described).Order())}.
            These are described and not mapped: {string.Join(", ", described.Except(mapped).Order())}.
            Silo/Api/OpenApi/Operations.cs lists what is described: add a line there, or map a route that is no part of the API with ExcludeFromDescription().
            """);
    }

    [Fact]
    public void Document_WhenRead_HoldsTogether()
    {
        Assert.Equal("3.1.0", (string)_document["openapi"]!);
        Assert.Equal(Operations.All.Count, Operations.All.Select(o => (string)OperationOf(o)["operationId"]!).Distinct().Count());
        Assert.All(References(_document), reference => Assert.NotNull(_schemas.Find(reference)));
        Assert.All(Operations.All, operation => Assert.Equal(
            Placeholder.Matches(operation.Path).Select(match => match.Value.Trim('{', '}')),
            OperationOf(operation)["parameters"]!.AsArray().Where(p => (string)p!["in"]! == "path").Select(p => (string)p!["name"]!)));
    }

    [Fact]
    public async Task Answers_ToRequestsThatSucceed_AreAsDescribed()
    {
        var spec = new JobSpec { Model = ModelRef.Parse("same@1"), Policy = VerificationPolicy.None, Inputs = new[] { new JobInput { Name = "a", Data = [1, 2, 3] } } };
        var job = (string)(await ExpectAsync("POST", "/api/jobs", "/api/jobs?wait_ms=20000", new SubmitJobRequest(null, spec)))["id"]!;
        var blob = (string)(await ExpectAsync("POST", "/api/blobs", "/api/blobs", "some bytes"))["sha256"]!;
        var node = (string)(await ExpectAsync("GET", "/api/nodes", "/api/nodes"))["items"]![0]!["id"]!;
        var token = (string)(await ExpectAsync("POST", "/api/tokens", "/api/tokens", new CreateTokenRequest { Kind = CredentialKind.Developer, Name = "a", RequestsPerSecond = 5 }))["info"]!["id"]!;
        var receipt = (string)(await ExpectAsync("GET", "/api/jobs/{id}/shards/{shard}/receipt", $"/api/jobs/{job}/shards/0/receipt"))["body"]!["id"]!;
        await ExpectAsync("GET", "/api/receipts/{id}", $"/api/receipts/{receipt}");
        await ExpectAsync("POST", "/api/jobs/estimate", "/api/jobs/estimate", new JobQuestion { Model = spec.Model, Inputs = 10 });
        await ExpectAsync("GET", "/api/jobs", "/api/jobs?validations=true");
        await ExpectAsync("GET", "/api/jobs/{id}", $"/api/jobs/{job}");
        await ExpectAsync("POST", "/api/jobs/{id}/cancel", $"/api/jobs/{job}/cancel", new ReasonRequest("it is over"));
        await ExpectAsync("GET", "/api/jobs/{id}/results", $"/api/jobs/{job}/results");
        await ExpectAsync("GET", "/api/jobs/{id}/events", $"/api/jobs/{job}/events");
        await ExpectAsync("PUT", "/api/blobs/{sha256}", $"/api/blobs/{blob}", "some bytes");
        await ExpectAsync("GET", "/api/blobs/{sha256}", $"/api/blobs/{blob}");
        await ExpectAsync("HEAD", "/api/blobs/{sha256}", $"/api/blobs/{blob}");
        await ExpectAsync("GET", "/api/models", "/api/models");
        await ExpectAsync("GET", "/api/models/{name}/versions/{version}", "/api/models/same/versions/1");
        await ExpectAsync("GET", "/api/grid", "/api/grid");
        await ExpectAsync("GET", "/api/nodes/{id}", $"/api/nodes/{node}");
        await ExpectAsync("POST", "/api/nodes/{id}/drain", $"/api/nodes/{node}/drain", new DrainRequest(false));
        await ExpectAsync("POST", "/api/nodes/{id}/unban", $"/api/nodes/{node}/unban");
        await ExpectAsync("GET", "/api/tokens", "/api/tokens");
        await ExpectAsync("POST", "/api/tokens/{id}/rotate", $"/api/tokens/{token}/rotate", new RotateTokenRequest());
        await ExpectAsync("DELETE", "/api/tokens/{id}", $"/api/tokens/{token}");
        await ExpectAsync("GET", "/api/jobs/{id}/archive", $"/api/jobs/{job}/archive");
        await ExpectAsync("GET", "/api/jobs/{id}/shards", $"/api/jobs/{job}/shards");
        await ExpectAsync("GET", "/api/jobs/{id}/shards/{shard}", $"/api/jobs/{job}/shards/0");
        await ExpectAsync("GET", "/api/overview", "/api/overview");
        await ExpectAsync("GET", "/api/overview/events", "/api/overview/events");
        await ExpectAsync("GET", "/api/overview/nodes", "/api/overview/nodes");
        await ExpectAsync("GET", "/api/incidents", "/api/incidents");
        await ExpectAsync("DELETE", "/api/jobs/{id}", $"/api/jobs/{job}");
        await ExpectAsync("GET", "/metrics", "/metrics");
        await ExpectAsync("GET", "/health/ready", "/health/ready");
    }

    [Fact]
    public async Task Answers_OfTheInferenceProtocol_AreAsDescribed()
    {
        await ExpectAsync("POST", "/v2/models/{model}/infer", "/v2/models/same/infer", SameGrid.Call);
        await ExpectAsync("POST", "/v2/models/{model}/versions/{version}/infer", "/v2/models/same/versions/1/infer", SameGrid.Call);
        foreach (var path in new[] { "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models", "/v2/models/stats" })
        {
            await ExpectAsync("GET", path, path);
        }

        foreach (var path in new[] { "/v2/models/{model}", "/v2/models/{model}/ready", "/v2/models/{model}/stats" })
        {
            await ExpectAsync("GET", path, path.Replace("{model}", "same", StringComparison.Ordinal));
            var versioned = path.Replace("{model}", "{model}/versions/{version}", StringComparison.Ordinal);
            await ExpectAsync("GET", versioned, versioned.Replace("{model}", "same", StringComparison.Ordinal).Replace("{version}", "1", StringComparison.Ordinal));
        }

        await ExpectAsync("POST", "/v2/repository/index", "/v2/repository/index");
        await ExpectAsync("POST", "/v2/repository/models/{model}/load", "/v2/repository/models/same/load");
        await ExpectAsync("POST", "/v2/repository/models/{model}/unload", "/v2/repository/models/same/unload");
    }

    [Fact]
    public async Task Answers_OfFilesAndBatches_AreAsDescribed()
    {
        await ExpectAsync("GET", "/v1/models", "/v1/models");
        await ExpectAsync("GET", "/v1/models/{id}", "/v1/models/same");
        using var form = BatchGrid.Form("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v2/models/same/infer\",\"body\":{}}");
        using var uploaded = await Http.PostAsync("/v1/files", form);
        var file = (string)(await CheckAsync(Operations.All.Single(o => o is { Method: "POST", Path: "/v1/files" }), uploaded))["id"]!;
        await ExpectAsync("GET", "/v1/files", "/v1/files");
        await ExpectAsync("GET", "/v1/files/{id}", $"/v1/files/{file}");
        await ExpectAsync("GET", "/v1/files/{id}/content", $"/v1/files/{file}/content");
        var create = $$$"""{"input_file_id":"{{{file}}}","endpoint":"/v2/infer","completion_window":"24h","metadata":{"a":"b"}}""";
        var batch = (string)(await ExpectAsync("POST", "/v1/batches", "/v1/batches", create))["id"]!;
        await ExpectAsync("GET", "/v1/batches", "/v1/batches");
        await ExpectAsync("GET", "/v1/batches/{id}", $"/v1/batches/{batch}");
        await ExpectAsync("DELETE", "/v1/files/{id}", $"/v1/files/{file}");
    }

    [Fact]
    public async Task Answers_ToRequestsThatMakeNoSense_AreAsDescribed()
    {
        using var anybody = _grid.Silo.ClientWith(null);
        foreach (var operation in Operations.All)
        {
            var path = Placeholder.Replace(operation.Path, "nonsense");
            var body = operation.Body is null ? null : "{";
            await CheckAsync(operation, await SendAsync(Http, operation.Method, path, body));
            using var refused = await SendAsync(anybody, operation.Method, path, body);

            // From this machine, metrics are for everybody.
            Assert.Equal(operation.IsOpen || operation.Path == "/metrics", refused.StatusCode != System.Net.HttpStatusCode.Unauthorized);
            await CheckAsync(operation, refused);
        }
    }

    private async Task<JsonNode> ExpectAsync(string method, string path, string url, object? body = null)
    {
        var operation = Operations.All.Single(o => o.Method == method && o.Path == path);
        using var response = await SendAsync(Http, method, url, body as string ?? (body is null ? null : JsonSerializer.Serialize(body, GridJson.Wire)));
        Assert.True(response.IsSuccessStatusCode, $"{method} {url}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return await CheckAsync(operation, response);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string method, string url, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url) { Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        return await http.SendAsync(request);
    }

    private async Task<JsonNode> CheckAsync(Operation operation, HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var what = $"{operation.Method} {operation.Path} answered {(int)response.StatusCode} {text}";
        var described = OperationOf(operation)["responses"]![((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture)];
        Assert.True(described is not null, $"{what}, which the document does not know.");
        if (text.Length == 0)
        {
            return new JsonObject();
        }

        var content = described["content"]?[response.Content.Headers.ContentType!.MediaType!];
        Assert.True(content is not null, $"{what} as {response.Content.Headers.ContentType}, which the document does not know.");
        if (content["schema"] is not { } schema)
        {
            return new JsonObject();
        }

        using var json = JsonDocument.Parse(text);
        var errors = _schemas.Errors(schema, json.RootElement).ToList();
        Assert.True(errors.Count == 0, $"{what}, but {string.Join("; ", errors)}");
        return JsonNode.Parse(text)!;
    }

    private JsonObject OperationOf(Operation operation) => _document["paths"]![operation.Path]![operation.Method.ToLowerInvariant()]!.AsObject();

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "$ref" ? [(string)member.Value!] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
