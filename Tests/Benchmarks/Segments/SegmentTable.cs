using System.Diagnostics;
using System.Globalization;
using PiGrid.Benchmarks.Numeric;
using PiGrid.Inference;
using PiGrid.Inference.Segments;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Segments;

/// <summary>
/// What auditing one segment costs against running everything again, and what it finds: <c>segments</c>. Times are medians of the model alone, warm; bytes are
/// those of the tensors that an opening hands over, before encoding.
/// </summary>
internal static class SegmentTable
{
    private const int Runs = 15;
    private const int Audits = 2_000;

    /// <summary>Runs the benchmark.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Length > 0 || RealWork.DataFolder() is not { } data)
        {
            Console.Error.WriteLine("segments takes no arguments and needs the test data.");
            return Task.FromResult(2);
        }

        var works = RealWork.All(data, flowers: 0).Where(w => w.Manifest.Postprocess.Kind != OutputKind.Text && w.Name != "mnist").Append(LargeModel.Make(8)).ToArray();
        Console.WriteLine("| model | segments | run, ms | run with commitment, ms | check of a segment, ms | of a run | bytes of an opening | weights of a segment, of all | honest nodes apart, of the largest |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var work in works)
        {
            foreach (var segments in new[] { 4, 8 })
            {
                Cost(work, segments);
            }
        }

        Console.WriteLine();
        Console.WriteLine("| model | cheat | n | found with 1 of n | 2 of n | half of n |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var work in works)
        {
            Detection(work);
        }

        return Task.FromResult(0);
    }

    private static SegmentPlan? PlanOf(RealWork work, int segments)
    {
        using var pipeline = Pipeline.Load(work.Manifest, work.Files);
        return SegmentPlanner.Plan(work.Files.Model!, pipeline.Prepare(work.Inputs[0].Value).Tensors, new() { ModelBytesMin = 0, Segments = segments });
    }

    private static void Cost(RealWork work, int wanted)
    {
        if (PlanOf(work, wanted) is not { } plan)
        {
            Console.WriteLine($"| {work.Name} | cannot be cut into {wanted} | | | | | | | |");
            return;
        }

        using var pipeline = Pipeline.Load(work.Manifest, work.Files);
        using var prover = new SegmentProver(work.Manifest, work.Files, plan);
        var inputs = pipeline.Prepare(work.Inputs[0].Value).Tensors;
        var run = Median(() => pipeline.RunModel(inputs));
        var committed = Median(() => prover.Commit(prover.Tensors(inputs)));
        var tensors = prover.Tensors(inputs);
        var graph = OnnxGraph.Read(work.Files.Model!);

        // An honest node whose last digits differ: it ran the model without any optimisation.
        using var plain = ModelSession.Load(
            graph.WithOutputs(plan.Tensors().Except(graph.Inputs)), ExecutionProvider.Cpu,
            new SessionSettings { Optimization = Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL });
        var others = inputs.Concat(plain.Run(inputs, CancellationToken.None)).ToDictionary(t => t.Name);
        var (check, bytes, weights, share) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < plan.Segments.Count; i++)
        {
            var given = plan.Segments[i].Inputs.Select(name => tensors[name]).ToArray();
            var part = graph.Extract(plan.Segments[i], given);
            using var session = ModelSession.Load(part);
            check += Median(() => session.Run(given, CancellationToken.None)) / plan.Segments.Count;
            weights += part.Length / (double)plan.Segments.Count;
            bytes += prover.Open(new() { Segments = [i] }, tensors).Tensors.Sum(t => t.Data.Length) / (double)plan.Segments.Count;
            given = [.. plan.Segments[i].Inputs.Select(name => others[name])];
            var made = session.Run(given, CancellationToken.None);
            share = Math.Max(share, made.Zip(plan.Segments[i].Outputs, (m, name) => SegmentComparer.Apart(m, others[name])).Max());
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {work.Name} | {plan.Segments.Count} | {run:0.0} | {committed:0.0} | {check:0.0} | {check / run:0 %} | {bytes:#,0} | {weights / work.Files.Model!.Length:0 %} | {share:0.0e+0} |"));
    }

    private static void Detection(RealWork work)
    {
        var plan = PlanOf(work, 8)!;
        using var prover = new SegmentProver(work.Manifest, work.Files, plan);
        var cheats = new SegmentCheats(work, plan, prover);
        foreach (var (name, tensors) in cheats.All())
        {
            var rates = new[] { 1, 2, plan.Segments.Count / 2 }.Select(draws =>
            {
                using var verifier = new SegmentVerifier(work.Manifest, work.Files, plan, draws);
                return cheats.Found(verifier, tensors, Audits);
            }).ToArray();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {work.Name} | {name} | {plan.Segments.Count} | {rates[0]:0.0 %} | {rates[1]:0.0 %} | {rates[2]:0.0 %} |"));
        }
    }

    private static double Median<T>(Func<T> run)
    {
        run();
        var times = new double[Runs];
        for (var i = 0; i < Runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[Runs / 2];
    }
}
