using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using PiGrid.Benchmarks.Online;
using PiGrid.Client.Demo;

namespace PiGrid.Benchmarks.Telemetry;

/// <summary>
/// What telemetry costs an online call: three grids of one silo and one node each, with nothing listening, with <c>/metrics</c> alone, and with everything sent to a receiver on this
/// machine. They take turns, so that all meet the same noise. <c>telemetry [SECONDS] [1,8]</c>: the seconds of each turn, and how many calls are open at once.
/// </summary>
internal static class TelemetryCost
{
    private const int Turns = 3;

    private static readonly string[] Names = ["off", "metrics", "all"];

    /// <summary>Runs the benchmark.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var data = Environment.GetEnvironmentVariable("PIGRID_TEST_DATA") is { Length: > 0 } named ? named : Path.Combine("..", "shared", "data");
        var file = Path.Combine(data, "models", "mnist.onnx");
        if (!File.Exists(file))
        {
            Console.Error.WriteLine($"The test data is absent at {Path.GetFullPath(file)}: PIGRID_TEST_DATA names its folder.");
            return 2;
        }

        var turn = TimeSpan.FromSeconds(arguments.Length > 0 ? double.Parse(arguments[0], CultureInfo.InvariantCulture) : 4);
        int[] concurrencies = [.. (arguments.Length > 1 ? arguments[1] : "1,8").Split(',').Select(int.Parse)];
        var folder = Directory.CreateTempSubdirectory("pigrid-telemetry-").FullName;
        var received = 0L;
        await using var receiver = await ReceiveAsync(bytes => Interlocked.Add(ref received, bytes));
        var grids = new List<DemoGrid>();
        try
        {
            var calls = new List<Func<Task>>();
            foreach (var name in Names)
            {
                // The silo's program takes these from the environment that it is started in.
                Environment.SetEnvironmentVariable("PIGRID_Telemetry__Prometheus", name == "off" ? "false" : "true");
                Environment.SetEnvironmentVariable("PIGRID_Telemetry__Endpoint", name == "all" ? receiver.Urls.Single() : "");
                var place = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
                grids.Add(await DemoGrid.StartAsync([("operator", VolunteerRole.Operator), ("local", VolunteerRole.Honest)], place, Console.Error.WriteLine, default, isLean: false));
                calls.Add(await CallsOfAsync(grids[^1], file, place));
            }

            Console.WriteLine($"mnist@1, one node, one replica, {Environment.ProcessorCount} processors, {Turns} turns of {turn.TotalSeconds:0.#} s each; ms");
            Console.WriteLine("at once   telemetry     median      p99       /s   /s against off");
            foreach (var concurrency in concurrencies)
            {
                await CompareAsync(calls, concurrency, turn);
            }

            Console.WriteLine(FormattableString.Invariant($"The receiver got {Interlocked.Read(ref received) / 1024} KiB."));
            return 0;
        }
        finally
        {
            foreach (var grid in grids)
            {
                await grid.DisposeAsync();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(List<Func<Task>> calls, int concurrency, TimeSpan turn)
    {
        var loads = calls.Select(_ => new List<Load>()).ToList();
        foreach (var call in calls)
        {
            await Load.RunAsync(call, concurrency, turn);
        }

        for (var i = 0; i < Turns; i++)
        {
            for (var grid = 0; grid < calls.Count; grid++)
            {
                Console.Error.WriteLine($"Turn {i + 1} of {Turns} with {concurrency} at once, telemetry {Names[grid]} ...");
                loads[grid].Add(await Load.RunAsync(calls[grid], concurrency, turn));
            }
        }

        var sums = loads.Select(Load.Sum).ToList();
        for (var grid = 0; grid < sums.Count; grid++)
        {
            var (median, p99) = (Latencies.Percentile(sums[grid].Times, 50), Latencies.Percentile(sums[grid].Times, 99));
            Console.WriteLine(FormattableString.Invariant($"{concurrency,7}   {Names[grid],9} {median,10:0.00} {p99,8:0.00} {sums[grid].Rate,8:0} {sums[grid].Rate / sums[0].Rate,15:0.00}"));
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    benchmark = "telemetry",
                    telemetry = Names[grid],
                    concurrency,
                    requests = sums[grid].Times.Count,
                    median_ms = median,
                    p99_ms = p99,
                    per_second = Math.Round(sums[grid].Rate, 1),
                    rate_ratio = Math.Round(sums[grid].Rate / sums[0].Rate, 3),
                },
                GridJson.Wire));
        }
    }

    private static async Task<Func<Task>> CallsOfAsync(DemoGrid grid, string file, string folder)
    {
        var model = await InferLatency.PublishAsync(grid.Client, "mnist", file, folder);
        var input = model.Report!.Inputs.Single();
        long[] shape = [.. input.Shape.Select(d => d < 0 ? 1 : d)];
        var (body, jsonLength) = InferLatency.Body(input.Name, shape, MemoryMarshal.AsBytes<float>(new float[shape.Aggregate(1L, (a, b) => a * b)]).ToArray());
        var url = new Uri(grid.Client.Grid, $"v2/models/{model.Ref.Name}/infer");
        var bootstrap = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(grid.SiloData, "bootstrap.json")));
        var authorization = new AuthenticationHeaderValue("Bearer", bootstrap.RootElement.GetProperty("operator_key").GetString());
        var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256, ActivityHeadersPropagator = null });
        return () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body), Headers = { Authorization = authorization } };
            request.Headers.Add("Inference-Header-Content-Length", jsonLength);
            return InferLatency.SendAsync(http, request);
        };
    }

    private static async Task<WebApplication> ReceiveAsync(Action<long> got)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var receiver = builder.Build();
        receiver.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            got(context.Request.ContentLength ?? 0);
            context.Response.ContentType = "application/x-protobuf";
        });
        await receiver.StartAsync();
        return receiver;
    }
}
