using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PiGrid.Tensors;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Batches;

/// <summary>A silo with the digest model and an OpenAI client's view of it: what the routes answer, as JSON.</summary>
internal sealed class BatchGrid : IAsyncDisposable
{
    private readonly List<TestWorker> _workers = [];

    private BatchGrid(TestSilo silo) => Silo = silo;

    public TestSilo Silo { get; }

    public HttpClient Http => Silo.Http;

    public static Task<BatchGrid> StartAsync(params string[] args) => StartAsync(null, args);

    public static async Task<BatchGrid> StartAsync(TimeProvider? time, params string[] args)
    {
        var grid = new BatchGrid(await TestSilo.StartAsync(services => services.AddSingleton(time ?? TimeProvider.System), ["--Batches:Checkpoint=00:00:01", .. args]));
        await using (await TestWorker.StartAsync(grid.Silo, grid.Silo.Bootstrap.OperatorNodeToken))
        {
            await DigestModel.PublishAsync(grid.Silo);
        }

        return grid;
    }

    /// <summary>A volunteer's node.</summary>
    public async Task AddWorkerAsync(Func<ShardInput, PiGrid.Verification.ItemOutput>? compute = null) =>
        _workers.Add(await TestWorker.StartAsync(Silo, Silo.Bootstrap.EnrolmentToken!, compute));

    /// <summary>A line whose input is two bytes; checked by one replica unless <paramref name="more"/> says otherwise.</summary>
    public static string Line(string customId, byte value, string more = "\"parameters\":{\"policy\":\"none\"}", string url = "/v2/models/digest/infer") =>
        $$$"""{"custom_id":"{{{customId}}}","method":"POST","url":"{{{url}}}","body":{"inputs":[{"name":"x","shape":[2],"datatype":"UINT8","data":[{{{value}}},1]}],{{{more}}}}}""";

    /// <summary>What the model makes of it.</summary>
    public static byte[] Digest(byte value) => Sha256.Of(SafeTensors.Write([new TensorPiece("x", "uint8", [2], new byte[] { value, 1 })])).ToArray();

    public static MultipartFormDataContent Form(string text, string? purpose = "batch", string name = "calls.jsonl")
    {
        var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name } };
        if (purpose is not null)
        {
            form.Add(new StringContent(purpose), "purpose");
        }

        return form;
    }

    public async Task<string> UploadAsync(params string[] lines)
    {
        using var form = Form(string.Join('\n', lines));
        return (string)(await ReadAsync(await Http.PostAsync("/v1/files", form)))["id"]!;
    }

    public async Task<JsonNode> CreateAsync(string file, string endpoint = "/v2/infer", string window = "24h") =>
        await ReadAsync(await Http.PostAsJsonAsync("/v1/batches", new { input_file_id = file, endpoint, completion_window = window }));

    public async Task<JsonNode> GetAsync(string path) => await ReadAsync(await Http.GetAsync(path));

    /// <summary>Asks until the batch is in one of these states.</summary>
    public async Task<JsonNode> UntilAsync(JsonNode batch, params string[] states)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var now = await GetAsync($"/v1/batches/{batch["id"]}");
            if (states.Contains((string)now["status"]!))
            {
                return now;
            }

            await Task.Delay(50, limit.Token);
        }
    }

    public Task<JsonNode> UntilOverAsync(JsonNode batch) => UntilAsync(batch, "failed", "completed", "expired", "cancelled");

    /// <summary>The lines of a file.</summary>
    public async Task<IReadOnlyList<JsonNode>> LinesAsync(JsonNode? file) =>
        [.. (await Http.GetStringAsync($"/v1/files/{file}/content")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];

    public static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, text);
            return JsonNode.Parse(text)!;
        }
    }

    public async Task RestartAsync()
    {
        await DismissAsync();
        await Silo.StopAsync();
        await Silo.StartAgainAsync();
    }

    public async Task DismissAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        _workers.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await DismissAsync();
        await Silo.DisposeAsync();
    }
}
