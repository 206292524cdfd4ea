using System.Globalization;
using System.Runtime.InteropServices;
using PiGrid.Benchmarks.Numeric;
using PiGrid.Inference;
using PiGrid.Inference.Segments;
using PiGrid.Inference.Sessions;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Forge;

/// <summary>
/// What tolerance between segments is worth to a forger: at each cut it pushes every element by as much as the check lets it, into the direction that
/// most lowers the model's best score, found by simultaneous perturbation (Spall 1992). A better search would find more: these are lower bounds.
/// </summary>
internal static class SegmentForger
{
    private const int Samples = 60;
    private const int Segments = 6;

    /// <summary>Prints a row for the model.</summary>
    public static void Search(RealWork work, Pipeline pipeline, IReadOnlyList<ItemOutput> honest)
    {
        var prepared = pipeline.Prepare(work.Inputs[0].Value);
        var plan = SegmentPlanner.Plan(work.Files.Model!, prepared.Tensors, new() { ModelBytesMin = 0, Segments = Segments })!;
        using var prover = new SegmentProver(work.Manifest, work.Files, plan);
        using var verifier = new SegmentVerifier(work.Manifest, work.Files, plan, plan.Segments.Count);
        var tensors = prover.Tensors(prepared.Tensors);
        var chain = new Chain(work, plan, tensors);
        for (var cut = 0; cut < plan.Segments.Count - 1; cut++)
        {
            Push(chain, plan.Segments[cut], cut + 1, verifier.Tolerance, () => BestScore(pipeline.Finish(chain.Outputs(pipeline), prepared.Geometry)));
        }

        var forged = pipeline.Finish(chain.Outputs(pipeline), prepared.Geometry);
        var commitment = CanonicalJson.Serialize(prover.Commit(chain.Tensors));
        var challenge = verifier.Challenge(commitment, [1]);
        var asked = new SegmentChallenge { Segments = [.. Enumerable.Range(0, plan.Segments.Count)] };
        var finding = verifier.Verify(new()
        {
            Input = work.Inputs[0].Value, Output = forged, Commitment = commitment, Challenge = challenge,
            Evidence = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(prover.Open(asked, chain.Tensors), GridJson.Wire),
        });
        var replica = OutputComparer.Compare(work.Comparator, honest[0], forged);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| segments | {work.Name} | push every element at {plan.Segments.Count - 1} cuts | {Samples} a cut | {finding.Agreement} with all segments | | {replica} with a replica | best score moved by {Math.Abs(BestScore(honest[0]) - BestScore(forged)):0.#####} |"));
        chain.Dispose();
    }

    private static double BestScore(ItemOutput item) => item.Labels is [var label, ..] ? label.Score : item.Detections is [var found, ..] ? found.Score : 0;

    /// <summary>Perturbs what a segment gives out, and computes the rest from it.</summary>
    private static void Push(Chain chain, ModelSegment segment, int next, double tolerance, Func<double> score)
    {
        var random = new Random(1);
        var names = segment.Outputs.Where(name => chain.Tensors[name].Type == "float32").ToArray();
        var honest = names.ToDictionary(name => name, name => chain.Tensors[name]);
        var slopes = names.ToDictionary(name => name, name => new double[honest[name].Data.Length / 4]);
        for (var sample = 0; sample < Samples; sample++)
        {
            var signs = names.ToDictionary(name => name, name => Enumerable.Range(0, slopes[name].Length).Select(_ => random.Next(2) == 0 ? -1 : 1).ToArray());
            var up = Try(1);
            var gain = up - Try(-1);
            foreach (var name in names)
            {
                for (var i = 0; i < slopes[name].Length; i++)
                {
                    slopes[name][i] += gain * signs[name][i];
                }
            }

            double Try(int side)
            {
                chain.Continue(next, names.ToDictionary(name => name, name => Pushed(honest[name], i => side * signs[name][i], tolerance)));
                return score();
            }
        }

        chain.Continue(next, names.ToDictionary(name => name, name => Pushed(honest[name], i => -Math.Sign(slopes[name][i]), tolerance)));
    }

    private static TensorData Pushed(TensorData tensor, Func<int, int> sign, double tolerance)
    {
        var data = tensor.Data.ToArray();
        var values = MemoryMarshal.Cast<byte, float>(data.AsSpan());
        var largest = 0f;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] += (float)(sign(i) * tolerance * largest * 0.95);
        }

        return tensor with { Data = data };
    }

    /// <summary>A run in segments.</summary>
    private sealed class Chain(RealWork work, SegmentPlan plan, Dictionary<string, TensorData> tensors) : IDisposable
    {
        private readonly OnnxGraph _graph = OnnxGraph.Read(work.Files.Model!);
        private readonly Dictionary<int, ModelSession> _sessions = [];

        public Dictionary<string, TensorData> Tensors { get; } = tensors;

        public TensorData[] Outputs(Pipeline pipeline) => [.. pipeline.Outputs.Select(o => Tensors[o.Name])];

        public void Continue(int from, Dictionary<string, TensorData> changed)
        {
            foreach (var (name, tensor) in changed)
            {
                Tensors[name] = tensor;
            }

            for (var i = from; i < plan.Segments.Count; i++)
            {
                var inputs = plan.Segments[i].Inputs.Select(name => Tensors[name]).ToArray();
                if (!_sessions.TryGetValue(i, out var session))
                {
                    _sessions[i] = session = ModelSession.Load(_graph.Extract(plan.Segments[i], inputs));
                }

                foreach (var made in session.Run(inputs, CancellationToken.None))
                {
                    Tensors[made.Name] = made;
                }
            }
        }

        public void Dispose()
        {
            foreach (var session in _sessions.Values)
            {
                session.Dispose();
            }
        }
    }
}
