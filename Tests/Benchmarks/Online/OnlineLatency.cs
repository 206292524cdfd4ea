using System.Diagnostics;
using System.Text.Json;
using PiGrid.Client;
using PiGrid.Client.Demo;
using PiGrid.Inference;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Online;

/// <summary>
/// What the grid adds to a small model: one digit, one replica, one node on this machine, everything warm. Measured at the client, from
/// sending the submission until the output is read, less the median of the same pipeline run directly.
/// </summary>
internal static class OnlineLatency
{
    private const int Warm = 100;
    private const int Runs = 500;

    /// <summary>Runs the benchmark; <c>online [RUNS]</c>.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var data = Environment.GetEnvironmentVariable("PIGRID_TEST_DATA") is { Length: > 0 } named ? named : Path.Combine("..", "shared", "data");
        if (!File.Exists(Path.Combine(data, "models", "mnist.onnx")))
        {
            Console.Error.WriteLine($"The test data is absent at {Path.GetFullPath(data)}: PIGRID_TEST_DATA names its folder.");
            return 2;
        }

        var runs = arguments.Length > 0 && int.TryParse(arguments[0], out var given) && given > 0 ? given : Runs;
        var folder = Directory.CreateTempSubdirectory("pigrid-online-").FullName;
        try
        {
            var (model, digit) = await MnistModel.LayOutAsync(data, Path.Combine(folder, "model"), default);
            await using var grid = await DemoGrid.StartAsync([("operator", VolunteerRole.Operator), ("local", VolunteerRole.Honest)], folder, Console.Error.WriteLine, default);
            await grid.Client.PublishAsync(model);
            var ready = await grid.Client.WaitForModelAsync(model.Sealed.Ref);
            if (ready.State != ModelState.Ready)
            {
                Console.Error.WriteLine($"The model was not accepted: {ready.Reason}");
                return 1;
            }

            var bare = RunBare(model, digit, runs);
            var times = await RunOnGridAsync(grid.Client, model.Sealed.Ref, digit, runs);
            Report(grid.Info.Engine, bare, times);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double RunBare(ManifestFolder model, byte[] digit, int runs)
    {
        using var pipeline = Pipeline.Load(model.Sealed, PipelineFiles.FromFolder(model.Sealed, model.Folder));
        var times = Enumerable.Range(0, Warm + runs).Select(_ => pipeline.Run(digit).TotalMs).Skip(Warm).ToList();
        return Latencies.Percentile(times, 50);
    }

    private static async Task<List<double>> RunOnGridAsync(GridClient grid, ModelRef model, byte[] digit, int runs)
    {
        var spec = new JobSpec { Model = model, Policy = VerificationPolicy.None, Inputs = [new JobInput { Name = "3.jpg", Data = digit }] };
        var times = new List<double>(runs);
        for (var i = 0; i < Warm + runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var answer = await grid.RunAsync(spec, TimeSpan.FromSeconds(20));
            var ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            Check(answer.Job, answer.Results!.Single().Output);
            if (i >= Warm)
            {
                times.Add(ms);
            }
        }

        return times;
    }

    private static void Check(JobStatus status, ItemOutput output)
    {
        if (status.State != JobState.Completed || output.Labels?[0].Label != "3")
        {
            throw new InvalidOperationException($"The grid read a 3 as {output.Labels?[0].Label} ({status.State}: {status.Error}).");
        }
    }

    private static void Report(string engine, double bare, List<double> times)
    {
        var (median, p99) = (Latencies.Percentile(times, 50), Latencies.Percentile(times, 99));
        Console.WriteLine("mnist, one replica, one local node, warm    median ms    p99 ms");
        Console.WriteLine(FormattableString.Invariant($"submit to result at the client           {median,12:0.00} {p99,9:0.00}"));
        Console.WriteLine(FormattableString.Invariant($"less the bare pipeline's median          {median - bare,12:0.00} {p99 - bare,9:0.00}"));
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                benchmark = "online",
                engine,
                runs = times.Count,
                bare_ms = bare,
                total_median_ms = median,
                total_p99_ms = p99,
                overhead_median_ms = Math.Round(median - bare, 3),
                overhead_p99_ms = Math.Round(p99 - bare, 3),
            },
            GridJson.Wire));
    }
}
