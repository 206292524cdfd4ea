using PiGrid.Benchmarks.Attack;
using PiGrid.Benchmarks.Engine;
using PiGrid.Benchmarks.Forge;
using PiGrid.Benchmarks.Numeric;
using PiGrid.Benchmarks.Online;
using PiGrid.Benchmarks.Restart;
using PiGrid.Benchmarks.Segments;
using PiGrid.Benchmarks.Silence;
using PiGrid.Benchmarks.Simulation;
using PiGrid.Benchmarks.Soak;
using PiGrid.Benchmarks.Telemetry;

// Benchmarks by name; each prints a table for people and one JSON object for programs.
Dictionary<string, Func<string[], Task<int>>> benchmarks = new()
{
    ["attack"] = AttackTable.RunAsync,
    ["bare"] = BareEndpoint.RunAsync,
    ["engine"] = EngineSpeed.RunAsync,
    ["infer"] = InferLatency.RunAsync,
    ["forge"] = ForgeTable.RunAsync,
    ["numeric"] = NumericTable.RunAsync,
    ["online"] = OnlineLatency.RunAsync,
    ["restart"] = RestartTime.RunAsync,
    ["segments"] = SegmentTable.RunAsync,
    ["silence"] = SilenceTimes.RunAsync,
    ["sim"] = Experiments.RunAsync,
    ["soak"] = SoakRun.RunAsync,
    ["telemetry"] = TelemetryCost.RunAsync,
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var benchmark))
{
    Console.Error.WriteLine($"Usage: dotnet run -c Release --project Tests/Benchmarks -- NAME [OPTIONS]. The benchmarks are: {string.Join(", ", benchmarks.Keys)}.");
    return 2;
}

return await benchmark(args[1..]);
