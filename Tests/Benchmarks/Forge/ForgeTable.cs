using PiGrid.Benchmarks.Numeric;
using PiGrid.Inference;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Forge;

/// <summary>
/// What a forger can do within the comparators' tolerances, on real models and pictures: <c>forge</c>. A row says how many forgeries were tried,
/// what the comparator said to them, and the farthest that it took for the honest result.
/// </summary>
internal static class ForgeTable
{
    /// <summary>Runs the benchmark.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Length > 0 || RealWork.DataFolder() is not { } data)
        {
            Console.Error.WriteLine("forge takes no arguments and needs the test data.");
            return Task.FromResult(2);
        }

        Console.WriteLine("| comparator | model | forgery | tried | agree | inconclusive | disagree | farthest that agrees |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var work in RealWork.All(data, flowers: 0))
        {
            using var pipeline = Pipeline.Load(work.Manifest, work.Files);
            if (work.Tokens is not null)
            {
                TensorForger.SearchLogits(work, pipeline);
                continue;
            }

            var honest = work.Inputs.Select(input => pipeline.Run(input.Value).Output).ToArray();
            if (work.Manifest.Postprocess.Kind == OutputKind.Detections)
            {
                DetectionForger.Search(work, honest);
            }
            else
            {
                LabelForger.Search(work, honest);
            }

            TensorForger.Search(work, pipeline);
            Frame(work, honest);
            CheaperModel.Search(work, honest);
            SegmentForger.Search(work, pipeline, honest);
        }

        ChainForger.Search();
        return Task.FromResult(0);
    }

    /// <summary>
    /// Sets two honest nodes at odds: a forged result within tolerance of the one, on the side away from the other. Where it is accepted, the
    /// other is held to be the liar.
    /// </summary>
    private static void Frame(RealWork work, IReadOnlyList<ItemOutput> honest)
    {
        var framed = new Forgeries(work.Comparator, work.Name, "frame an honest node of another kind", "");
        using var other = Pipeline.Load(work.Manifest, work.Files, new SessionSettings { Optimization = Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL });
        foreach (var (item, input) in honest.Zip(work.Inputs))
        {
            var second = other.Run(input.Value).Output;
            foreach (var side in new[] { 1, -1 })
            {
                var forged = Shifted(item, side * (work.Comparator.ScoreTolerance - 1e-9));
                if (OutputComparer.Compare(work.Comparator, item, forged) == Agreement.Agree)
                {
                    framed.Try(second, forged);
                }
            }
        }

        framed.Print();
    }

    private static ItemOutput Shifted(ItemOutput item, double by) => item.Labels is { } labels
        ? new() { Labels = [.. labels.Select(l => l with { Score = l.Score + by })] }
        : new() { Detections = [.. item.Detections!.Select(d => d with { Score = Math.Clamp(d.Score + by, 0, 1) })] };
}
