using System.Globalization;
using System.Text.Json;
using PiGrid.Tests.Scenarios.Faults;
using PiGrid.Tests.Simulation;

namespace PiGrid.Benchmarks.Silence;

/// <summary>
/// How long a shard waits for a new replica when its node is silent or its connection closed: in virtual time with the default options, then with
/// processes that are stopped (SIGSTOP) and sockets that are cut, which takes the silo's default grace of 2 s and heartbeats of a second.
/// </summary>
internal static class SilenceTimes
{
    private const int Volunteers = 3;

    // As many as a shard can have, so that its node is struck before it is done.
    private const int Inputs = 64;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    /// <summary>Runs the benchmark; <c>silence [ROUNDS]</c>.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = arguments.Length == 0 ? 10 : int.Parse(arguments[0], CultureInfo.InvariantCulture);
        foreach (var heartbeat in new[] { TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1) })
        {
            Print("simulated, frozen", heartbeat, [.. Seeds.SelectMany(seed => SilenceRun.Measure(seed, heartbeat, 1_000, kill: false))]);
        }

        Print("simulated, closed", TimeSpan.FromSeconds(10), [.. Seeds.SelectMany(seed => SilenceRun.Measure(seed, null, 1_000, kill: true))]);
        var folder = Directory.CreateTempSubdirectory("pigrid-silence-").FullName;
        try
        {
            await using var grid = await FaultGrid.StartAsync(
                folder, Volunteers, CancellationToken.None, $"--Nodes:Heartbeat={Heartbeat}", "--Jobs:DisconnectGrace=00:00:02", "--Scheduling:HedgeShare=0");
            Print("processes, frozen", Heartbeat, await MeasureAsync(grid, rounds, kill: false));
            Print("processes, closed", Heartbeat, await MeasureAsync(grid, rounds, kill: true));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static IEnumerable<ulong> Seeds => [1, 2, 3];

    private static async Task<List<TimeSpan>> MeasureAsync(FaultGrid grid, int rounds, bool kill)
    {
        var times = new List<TimeSpan>();
        while (times.Count < rounds)
        {
            await grid.UntilIdleAsync(CancellationToken.None);
            if (await TryRoundAsync(grid, kill) is { } time)
            {
                times.Add(time);
            }
        }

        return times;
    }

    /// <summary>Strikes the node that has a job's only replica; null when it was done before.</summary>
    private static async Task<TimeSpan?> TryRoundAsync(FaultGrid grid, bool kill)
    {
        var numbers = new float[2];
        var spec = new JobSpec
        {
            Model = grid.Model,
            Policy = VerificationPolicy.None,
            ShardSize = Inputs,
            Inputs = [.. Enumerable.Range(0, Inputs).Select(i => new JobInput { Name = $"{i}", Data = CountingModel.Input(numbers) })],
        };
        var job = (await grid.Client.SubmitAsync(spec)).Id;
        DateTimeOffset struck = default;
        GridNode? victim = null;
        TimeSpan? time = null;
        try
        {
            await foreach (var happened in grid.Client.WatchAsync(job))
            {
                if (happened.Kind == JobEventKind.JobFinished)
                {
                    break;
                }

                if (happened.Kind == JobEventKind.ReplicaAccepted && victim is null)
                {
                    var node = (await grid.Client.FindNodeAsync(happened.Node!.Value))!;
                    victim = grid.Volunteers.Single(v => v.Name == node.OwnerName);
                    struck = kill ? TimeProvider.System.GetUtcNow() : node.SeenAt!.Value;
                    if (kill)
                    {
                        await victim.KillAsync();
                    }
                    else
                    {
                        victim.Process.Freeze();
                    }
                }
                else if (happened.Kind == JobEventKind.ReplicaAssigned && victim is not null)
                {
                    time = happened.At - struck;
                    break;
                }
            }
        }
        finally
        {
            if (kill)
            {
                victim?.Start();
            }
            else
            {
                victim?.Process.Thaw();
            }
        }

        await grid.Client.WaitForJobAsync(job);
        return time;
    }

    private static void Print(string what, TimeSpan heartbeat, List<TimeSpan> times)
    {
        times.Sort();
        double At(double share) => Math.Round(times[(int)Math.Ceiling(share * times.Count) - 1].TotalMilliseconds);
        Console.WriteLine(FormattableString.Invariant(
            $"{what}: {times.Count} shards, heartbeat {heartbeat.TotalSeconds} s: new replica after {At(0.001)} ms at least, {At(0.5)} median, {At(0.99)} p99, {At(1)} at most ({At(1) / heartbeat.TotalMilliseconds:0.00} heartbeats)"));
        Console.WriteLine(JsonSerializer.Serialize(
            new { benchmark = "silence", what, shards = times.Count, heartbeat_ms = heartbeat.TotalMilliseconds, median_ms = At(0.5), p99_ms = At(0.99), max_ms = At(1) }, GridJson.Wire));
    }
}
