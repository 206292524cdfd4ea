using System.Diagnostics;
using System.Text.Json;
using PiGrid.Api;
using PiGrid.Client;
using PiGrid.Client.Demo;
using PiGrid.Models;

namespace PiGrid.Benchmarks.Restart;

/// <summary>
/// How long a silo takes to serve again after it was killed with many open shards: from the start of the built program until it says that it is
/// ready, has answered for every job, and has every shard's replicas waiting for nodes again. No
/// volunteer is there, so every shard stays open.
/// </summary>
internal static class RestartTime
{
    private const int ShardsOfJob = 1_000;
    private const int ReplicasOfShard = 2;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Runs the benchmark; <c>restart [SHARDS]...</c>.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var sizes = arguments.Length == 0 ? [10_000, 100_000] : Array.ConvertAll(arguments, int.Parse);
        Console.WriteLine("open shards    jobs    ready ms    all jobs answered ms    all shards asked ms");
        foreach (var shards in sizes)
        {
            var folder = Directory.CreateTempSubdirectory("pigrid-restart-").FullName;
            try
            {
                var jobs = await PrepareAsync(folder, shards);
                var (ready, answered, asked) = await RestartAsync(folder, jobs, shards);
                Console.WriteLine(FormattableString.Invariant($"{shards,11} {jobs.Count,7} {ready,11:0} {answered,23:0} {asked,22:0}"));
                Console.WriteLine(JsonSerializer.Serialize(
                    new { benchmark = "restart", open_shards = shards, jobs = jobs.Count, ready_ms = Math.Round(ready), answered_ms = Math.Round(answered), asked_ms = Math.Round(asked) },
                    GridJson.Wire));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return 0;
    }

    private static async Task<List<JobId>> PrepareAsync(string folder, int shards)
    {
        await using var grid = await DemoGrid.StartAsync([("operator", VolunteerRole.Operator)], folder, Console.Error.WriteLine, default);
        var model = await ManifestFolder.LoadAsync(DemoBundle.Manifest, default);
        await grid.Client.PublishAsync(model);
        if (await grid.Client.WaitForModelAsync(model.Sealed.Ref) is { State: not ModelState.Ready } refused)
        {
            throw new InvalidOperationException($"The model was not accepted: {refused.Reason}");
        }

        var picture = await grid.Client.UploadAsync(await File.ReadAllBytesAsync(DemoBundle.Pictures[0]));
        var inputs = Enumerable.Range(0, ShardsOfJob).Select(i => new JobInput { Name = $"{i}", Blob = picture }).ToArray();
        var jobs = new List<JobId>();
        for (var left = shards; left > 0; left -= ShardsOfJob)
        {
            var spec = new JobSpec { Model = model.Sealed.Ref, Policy = VerificationPolicy.Quorum(ReplicasOfShard), ShardSize = 1, Inputs = inputs[..Math.Min(left, ShardsOfJob)] };
            jobs.Add((await grid.Client.SubmitAsync(spec)).Id);
        }

        return jobs;
    }

    private static async Task<(double Ready, double Answered, double Asked)> RestartAsync(string folder, List<JobId> jobs, int shards)
    {
        using var limit = new CancellationTokenSource(Longest);
        using var spoke = new SemaphoreSlim(0);
        var data = Path.Combine(folder, "silo");
        var start = Stopwatch.GetTimestamp();
        await using var silo = ChildProgram.Start(
            "silo",
            ProgramFiles.Find("Silo", AppContext.BaseDirectory),
            ["--data", data, "--urls", "http://127.0.0.1:0"],
            new Dictionary<string, string>(),
            Path.Combine(folder, "logs", "restarted.log"),
            () => spoke.Release());
        while (!silo.Announced)
        {
            await spoke.WaitAsync(limit.Token);
            if (silo.HasExited)
            {
                throw new InvalidOperationException($"The silo ended. Its last words:{Environment.NewLine}{silo.Tail}");
            }
        }

        var ready = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var bootstrap = JsonSerializer.Deserialize<Bootstrap>(await File.ReadAllBytesAsync(Path.Combine(data, "bootstrap.json"), limit.Token), GridJson.Wire)!;
        using var client = GridClient.FromBootstrap(bootstrap);
        foreach (var job in jobs)
        {
            if (await client.FindJobAsync(job, limit.Token) is not { State: JobState.Running })
            {
                throw new InvalidOperationException($"{job} is lost.");
            }
        }

        var answered = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        while ((await client.GetGridAsync(limit.Token)).Backlog.Waiting < ReplicasOfShard * shards)
        {
            await Task.Delay(20, limit.Token);
        }

        return (ready, answered, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
