using System.Diagnostics;
using System.Text.Json;
using Orleans;
using PiGrid.Tests.Engine;

namespace PiGrid.Benchmarks.Engine;

/// <summary>
/// What the grain engine itself costs: calls a second in process and through the gateway, activations a second, and memory of an
/// idle activation. 64 callers, 1,000 grains, as in the figures of real Orleans that this is compared with.
/// </summary>
internal static class EngineSpeed
{
    private const int Callers = 64;
    private const int Grains = 1_000;
    private const int Activations = 100_000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = arguments.Length > 0 ? double.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture) : 5;
        await using var host = await TestHost.StartAsync();
        var remote = await host.ConnectAsync();
        var note = new Note(Guid.NewGuid(), "a text of some length", 7, new byte[64]);
        var figures = new Dictionary<string, double>
        {
            ["empty_calls_per_s"] = await CallsAsync(host.Client, seconds, grain => grain.Ping()),
            ["record_calls_per_s"] = await CallsAsync(host.Client, seconds, grain => grain.Send(note)),
            ["gateway_empty_calls_per_s"] = await CallsAsync(remote, seconds, grain => grain.Ping()),
            ["gateway_record_calls_per_s"] = await CallsAsync(remote, seconds, grain => grain.Send(note)),
        };
        var before = Memory();
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = caller; i < Activations; i += Callers)
            {
                await host.Client.GetGrain<IBenchGrain>($"new{i}").Ping();
            }
        })));
        figures["activations_per_s"] = Activations / watch.Elapsed.TotalSeconds;
        figures["bytes_per_idle_activation"] = (Memory() - before) / (double)Activations;
        foreach (var (name, value) in figures)
        {
            Console.WriteLine($"{name,-28} {value,12:N0}");
        }
        Console.WriteLine(JsonSerializer.Serialize(figures));
        return 0;
    }

    private static async Task<double> CallsAsync(IClusterClient client, double seconds, Func<IBenchGrain, Task> call)
    {
        var grains = Enumerable.Range(0, Grains).Select(i => client.GetGrain<IBenchGrain>($"grain{i}")).ToArray();
        foreach (var grain in grains)
        {
            await call(grain);
        }
        await RunAsync(grains, 1, call);
        return await RunAsync(grains, seconds, call) / seconds;
    }

    private static async Task<long> RunAsync(IBenchGrain[] grains, double seconds, Func<IBenchGrain, Task> call)
    {
        var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var count = 0L;
            for (var i = caller; Stopwatch.GetTimestamp() < end; i += Callers, count++)
            {
                await call(grains[i % Grains]);
            }
            return count;
        })));
        return counts.Sum();
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
