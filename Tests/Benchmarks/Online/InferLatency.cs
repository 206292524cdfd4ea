using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PiGrid.Client;
using PiGrid.Client.Demo;
using PiGrid.Models;

namespace PiGrid.Benchmarks.Online;

/// <summary>
/// What the grid adds to online inference: <c>POST /v2/models/M/infer</c> with one warm local node, one replica, signatures, digests and receipts on, side by side
/// with <see cref="BareEndpoint"/>. The two take turns, so that both meet the same noise; how far apart the turns' ratios are says how much of it there was.
/// <c>infer [mnist|squeezenet] [SECONDS] [1,8,64] [TURNS]</c>: the seconds of each turn, how many calls are open at once, and the turns of each.
/// </summary>
internal static class InferLatency
{
    /// <summary>Runs the benchmark.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var data = Environment.GetEnvironmentVariable("PIGRID_TEST_DATA") is { Length: > 0 } named ? named : Path.Combine("..", "shared", "data");
        var name = arguments.Length > 0 ? arguments[0] : "mnist";
        var file = Path.Combine(data, "models", name == "squeezenet" ? "squeezenet1.0_dc.onnx" : $"{name}.onnx");
        if (!File.Exists(file))
        {
            Console.Error.WriteLine($"The test data is absent at {Path.GetFullPath(file)}: PIGRID_TEST_DATA names its folder.");
            return 2;
        }

        var turn = TimeSpan.FromSeconds(arguments.Length > 1 ? double.Parse(arguments[1], CultureInfo.InvariantCulture) : 4);
        var turns = arguments.Length > 3 ? int.Parse(arguments[3], CultureInfo.InvariantCulture) : 3;
        var folder = Directory.CreateTempSubdirectory("pigrid-infer-").FullName;
        try
        {
            await using var grid = await DemoGrid.StartAsync(
                [("operator", VolunteerRole.Operator), ("local", VolunteerRole.Honest)], folder, Console.Error.WriteLine, default, isLean: false);
            var model = await PublishAsync(grid.Client, name, file, folder);
            await CompareAsync(grid, model, file, turn, turns, [.. (arguments.Length > 2 ? arguments[2] : "1,8,64").Split(',').Select(int.Parse)]);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Publishes a model of the test data, and waits until it is ready.</summary>
    internal static async Task<ModelStatus> PublishAsync(GridClient client, string name, string file, string folder)
    {
        var at = Directory.CreateDirectory(Path.Combine(folder, "model")).FullName;
        File.Copy(file, Path.Combine(at, "model.onnx"));
        var manifest = Path.Combine(at, "manifest.json");
        await File.WriteAllTextAsync(manifest, $$"""
            {
              "schema": "pigrid-manifest/1", "name": "{{name}}", "version": "1", "publisher": "benchmark", "licence": "other", "category": "vision",
              "model": {"file": "model.onnx"}, "preprocess": {"kind": "tensors"}, "postprocess": {"kind": "tensors"}, "comparator": {"kind": "tensors"}
            }
            """);
        await client.PublishAsync(await ManifestFolder.LoadAsync(manifest));
        var ready = await client.WaitForModelAsync(new ModelRef(name, "1"));
        return ready.State == ModelState.Ready ? ready : throw new InvalidOperationException($"The model was not accepted: {ready.Reason}");
    }

    private static async Task CompareAsync(DemoGrid grid, ModelStatus model, string file, TimeSpan turn, int turns, int[] concurrencies)
    {
        var input = model.Report!.Inputs.Single();
        long[] shape = [.. input.Shape.Select(d => d < 0 ? 1 : d)];
        var tensor = new float[shape.Aggregate(1L, (a, b) => a * b)];
        var random = new Random(1);
        for (var i = 0; i < tensor.Length; i++)
        {
            tensor[i] = random.NextSingle();
        }

        var bytes = MemoryMarshal.AsBytes<float>(tensor).ToArray();
        using var bare = StartBare(file, shape, out var bareUrl);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 });
        var (body, jsonLength) = Body(input.Name, shape, bytes);
        var gridUrl = new Uri(grid.Client.Grid, $"v2/models/{model.Ref.Name}/infer");
        var key = await File.ReadAllTextAsync(Path.Combine(grid.SiloData, "bootstrap.json"));
        var authorization = new AuthenticationHeaderValue("Bearer", JsonDocument.Parse(key).RootElement.GetProperty("operator_key").GetString());

        async Task<byte[]> CallBare() => await SendAsync(http, new HttpRequestMessage(HttpMethod.Post, bareUrl) { Content = new ByteArrayContent(bytes) });

        async Task<byte[]> CallGrid()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, gridUrl) { Content = new ByteArrayContent(body), Headers = { Authorization = authorization } };
            request.Headers.Add("Inference-Header-Content-Length", jsonLength);
            return await SendAsync(http, request);
        }

        var expected = await CallBare();
        if (!(await CallGrid()).AsSpan().EndsWith(expected))
        {
            throw new InvalidOperationException("The grid's answer is not the bare endpoint's.");
        }

        Console.WriteLine($"{model.Ref}, one warm local node, one replica, {Environment.ProcessorCount} processors, {turns} turns of {turn.TotalSeconds:0.#} s each; ms");
        Console.WriteLine("at once   bare median      p99       /s   grid median      p99       /s   added median  added p99   grid/bare  of turns");
        await Load.RunAsync(CallBare, 8, turn);
        await Load.RunAsync(CallGrid, 8, turn * 2);
        foreach (var concurrency in concurrencies)
        {
            List<Load> bares = [], grids = [];
            for (var i = 0; i < turns; i++)
            {
                Console.Error.WriteLine($"Turn {i + 1} of {turns} with {concurrency} at once ...");
                bares.Add(await Load.RunAsync(CallBare, concurrency, turn));
                grids.Add(await Load.RunAsync(CallGrid, concurrency, turn));
            }

            Report(grid.Info.Engine, model.Ref, concurrency, bares, grids);
        }
    }

    private static void Report(string engine, ModelRef model, int concurrency, IReadOnlyList<Load> bares, IReadOnlyList<Load> grids)
    {
        var (bare, grid) = (Load.Sum(bares), Load.Sum(grids));
        double[] ratios = [.. grids.Zip(bares, (g, b) => Math.Round(g.Rate / b.Rate, 3))];
        var (a50, a99, b50, b99) = (Latencies.Percentile(bare.Times, 50), Latencies.Percentile(bare.Times, 99), Latencies.Percentile(grid.Times, 50), Latencies.Percentile(grid.Times, 99));
        Console.WriteLine(FormattableString.Invariant(
            $"{concurrency,7} {a50,13:0.00} {a99,8:0.00} {bare.Rate,8:0} {b50,13:0.00} {b99,8:0.00} {grid.Rate,8:0} {b50 - a50,14:0.00} {b99 - a99,10:0.00} {grid.Rate / bare.Rate,11:0.000}  {ratios.Min():0.00} to {ratios.Max():0.00}"));
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                benchmark = "infer",
                engine,
                model = model.Value,
                concurrency,
                requests = grid.Times.Count,
                bare_median_ms = a50,
                bare_p99_ms = a99,
                bare_per_second = Math.Round(bare.Rate, 1),
                grid_median_ms = b50,
                grid_p99_ms = b99,
                grid_per_second = Math.Round(grid.Rate, 1),
                grid_over_bare = ratios,
            },
            GridJson.Wire));
    }

    /// <summary>An infer request with one binary tensor of numbers.</summary>
    internal static (byte[] Body, string JsonLength) Body(string name, long[] shape, byte[] tensor)
    {
        var json = Encoding.UTF8.GetBytes(
            $$$"""{"inputs":[{"name":"{{{name}}}","shape":[{{{string.Join(',', shape)}}}],"datatype":"FP32","parameters":{"binary_data_size": {{{tensor.Length}}} } }],"parameters":{"policy":"none","binary_data_output":true}}""");
        return ([.. json, .. tensor], json.Length.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Sends a request; what is no success ends the benchmark.</summary>
    internal static async Task<byte[]> SendAsync(HttpClient http, HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await http.SendAsync(request);
            var answer = await response.Content.ReadAsByteArrayAsync();
            return response.IsSuccessStatusCode ? answer : throw new InvalidOperationException($"{(int)response.StatusCode}: {Encoding.UTF8.GetString(answer)}");
        }
    }

    private static Process StartBare(string file, long[] shape, out Uri url)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Path.Combine(AppContext.BaseDirectory, "PiGrid.Benchmarks.dll"), "bare", file, string.Join(',', shape)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (!Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.RemoveAt(0);
        }

        var process = Process.Start(start)!;
        url = new Uri($"{process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The bare endpoint did not start.")}/infer");
        return process;
    }
}
