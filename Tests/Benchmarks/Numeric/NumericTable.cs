using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace PiGrid.Benchmarks.Numeric;

/// <summary>
/// How results of real models differ between instruction sets, threads and optimisation levels: <c>numeric [--flowers N [--each]]</c>. Everything is
/// compared with one thread and all optimisations on this machine as it is. Preprocessing has to give the same bits everywhere, or the command fails.
/// </summary>
internal static class NumericTable
{
    /// <summary>Runs the benchmark.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["child", var level, var folder, var count])
        {
            return NumericChild.Run(level, folder, count);
        }

        var flowers = arguments is ["--flowers", var given, ..] ? int.Parse(given, CultureInfo.InvariantCulture) : 20;
        var results = Directory.CreateTempSubdirectory("pigrid-numeric-").FullName;
        try
        {
            var spreads = new List<Spread>();
            foreach (var one in CpuMask.Levels)
            {
                spreads.AddRange(await ChildAsync(one, results, flowers, each: arguments is [.., "--each"]));
            }

            PrintSummary(spreads);
        }
        finally
        {
            Directory.Delete(results, recursive: true);
        }

        return 0;
    }

    private static async Task<List<Spread>> ChildAsync(string level, string folder, int flowers, bool each)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["numeric", "child", level, folder, flowers.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        };

        // What .NET itself compiles follows suit: its preprocessing must not care.
        string[] off = level switch { "avx2" => ["AVX512"], "avx" => ["AVX512", "AVX2", "FMA"], "sse" => ["AVX512", "AVX2", "FMA", "AVX"], _ => [] };
        foreach (var name in off)
        {
            start.Environment[$"DOTNET_Enable{name}"] = "0";
        }

        var spreads = new List<Spread>();
        using var child = Process.Start(start)!;
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            spreads.Add(JsonSerializer.Deserialize<Spread>(line, GridJson.Wire)!);
            if (each)
            {
                Console.WriteLine(line);
            }
        }

        await child.WaitForExitAsync();
        if (child.ExitCode != 0)
        {
            Console.WriteLine($"{level}: not measured, status {child.ExitCode} (3: this system cannot hide instruction sets)");
        }

        return spreads;
    }

    private static void PrintSummary(List<Spread> spreads)
    {
        Console.WriteLine($"Instruction sets: {string.Join(", ", spreads.Select(s => s.Level).Distinct())}. Each figure is the worst of its group; tensors tolerance 1e-3 + 1e-3 of the smaller.");
        Console.WriteLine("| model | what changed | same bits | max abs | of | max rel | of tolerance | argmax apart | agree / inconclusive / disagree | max score apart | max 1 - IoU | segments apart |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var model in spreads.GroupBy(s => s.Model))
        {
            PrintGroup("threads", model.Where(s => s.Level == "native" && s.Setting.EndsWith("threads", StringComparison.Ordinal)));
            PrintGroup("optimisation", model.Where(s => s.Level == "native" && s.Setting != NumericChild.Usual && !s.Setting.EndsWith("threads", StringComparison.Ordinal)));
            PrintGroup("instruction set", model.Where(s => s.Level != "native" && s.Setting == NumericChild.Usual));
            PrintGroup("all at once", model);
        }
    }

    private static void PrintGroup(string what, IEnumerable<Spread> group)
    {
        if (group.ToArray() is { Length: > 0 } all)
        {
            Print(all.Aggregate((a, b) => a.Worse(b)) with { Setting = what });
        }
    }

    private static void Print(Spread s) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {s.Model} | {s.Setting} | {s.SameBits}/{s.Inputs} | {s.Absolute:0.0e+0} | {s.Largest:0.##} | {s.Relative:0.0e+0} | {s.OfTolerance:0.0000} | {s.Argmax} | {s.Agree} / {s.Inconclusive} / {s.Disagree} | {s.Score:0.0e+0} | {s.BoxGap:0.0e+0} | {s.Segments:0.0e+0} |"));
}
