using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference;
using PiGrid.Inference.Segments;
using PiGrid.Inference.Sessions;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Numeric;

/// <summary>
/// The part that runs in a process of its own, with one instruction set: every model with every setting, compared with what the first child,
/// the machine as it is, left in a folder.
/// </summary>
internal static class NumericChild
{
    /// <summary>The setting of verified work.</summary>
    public const string Usual = "1 thread, all";

    private static readonly (string Name, SessionSettings Settings)[] Settings =
    [
        (Usual, SessionSettings.Comparable),
        ("2 threads", new() { Threads = 2 }),
        ("3 threads", new() { Threads = 3 }),
        ("4 threads", new() { Threads = 4 }),
        ("8 threads", new() { Threads = 8 }),
        ("extended", new() { Optimization = GraphOptimizationLevel.ORT_ENABLE_EXTENDED }),
        ("basic", new() { Optimization = GraphOptimizationLevel.ORT_ENABLE_BASIC }),
        ("no optimisation", new() { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL }),
    ];

    /// <summary>Runs everything; <c>numeric child LEVEL FOLDER FLOWERS</c>. Prints a line of JSON per model and setting.</summary>
    public static int Run(string level, string folder, string flowers)
    {
        if (RealWork.DataFolder() is not { } data || !CpuMask.TryHide(level, UseLibrary))
        {
            return 3;
        }

        foreach (var work in RealWork.All(data, int.Parse(flowers, CultureInfo.InvariantCulture)))
        {
            foreach (var (name, settings) in Settings)
            {
                var spread = Measure(work, settings, new() { Model = work.Name, Level = level, Setting = name }, Path.Combine(folder, work.Name));
                Console.WriteLine(JsonSerializer.Serialize(spread, GridJson.Wire));
            }
        }

        return 0;
    }

    /// <summary>The library asks for the processor's features once, when it first computes.</summary>
    private static void UseLibrary()
    {
        if (ProviderTrials.Try(ExecutionProvider.Cpu) is { Usable: false, Reason: var reason })
        {
            throw new InvalidOperationException($"ONNX Runtime does not work here: {reason}");
        }
    }

    private static Spread Measure(RealWork work, SessionSettings settings, Spread spread, string folder)
    {
        Directory.CreateDirectory(folder);
        using var pipeline = Pipeline.Load(work.Manifest, work.Files, settings);
        if (work.Tokens is { } tokens)
        {
            spread = spread.With(Honest(folder, "tokens", () => pipeline.RunModel([tokens])), pipeline.RunModel([tokens]), tokens: true);
        }

        foreach (var (name, bytes) in work.Inputs)
        {
            if (work.Tokens is not null)
            {
                var text = pipeline.Run(bytes).Output;
                spread = spread.With(work.Comparator, Honest(folder, name, () => text), text);
                continue;
            }

            var prepared = pipeline.Prepare(bytes);
            if (!Honest(folder, $"{name}.input", () => prepared.Tensors.ToArray()).Zip(prepared.Tensors).All(p => p.First.Data.AsSpan().SequenceEqual(p.Second.Data)))
            {
                throw new InvalidDataException($"{work.Name}: '{name}' becomes other input tensors here.");
            }

            var outputs = pipeline.RunModel(prepared.Tensors);
            var item = pipeline.Finish(outputs, prepared.Geometry);
            spread = spread.With(Honest(folder, $"{name}.tensors", () => outputs), outputs)
                .With(work.Comparator, Honest(folder, name, () => item), item);
        }

        return spread with { Segments = work.Tokens is null ? SegmentsApart(work, pipeline, settings, folder) : 0 };
    }

    /// <summary>Audits the first machine's run of the first input: each segment begins with what that one handed over.</summary>
    private static double SegmentsApart(RealWork work, Pipeline pipeline, SessionSettings settings, string folder)
    {
        var inputs = pipeline.Prepare(work.Inputs[0].Value).Tensors;
        var plan = SegmentPlanner.Plan(work.Files.Model!, inputs, new() { ModelBytesMin = 0, Segments = 6 });
        if (plan is null)
        {
            return 0;
        }

        var tensors = Honest(folder, "segments", () =>
        {
            using var prover = new SegmentProver(work.Manifest, work.Files, plan);
            return prover.Tensors(inputs);
        });
        var graph = OnnxGraph.Read(work.Files.Model!);
        return plan.Segments.Max(segment =>
        {
            var given = segment.Inputs.Select(name => tensors[name]).ToArray();
            using var session = ModelSession.Load(graph.Extract(segment, given), ExecutionProvider.Cpu, settings);
            return session.Run(given, CancellationToken.None).Max(made => SegmentComparer.Apart(made, tensors[made.Name]));
        });
    }

    /// <summary>What the first child found: it writes it, the others read it.</summary>
    private static T Honest<T>(string folder, string name, Func<T> found)
    {
        var file = Path.Combine(folder, $"{name}.json");
        if (!File.Exists(file))
        {
            File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(found(), GridJson.Wire));
        }

        return JsonSerializer.Deserialize<T>(File.ReadAllBytes(file), GridJson.Wire)!;
    }
}
