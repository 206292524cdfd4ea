using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Segments;

/// <summary>
/// Makes a model's plan: runs it once on an example with every tensor given out, which tells their sizes, estimates each operator's arithmetic
/// from them, and lets <see cref="CutRules"/> choose.
/// </summary>
public static class SegmentPlanner
{
    /// <summary>The plan; null when the model is too small or cannot be cut within the options' bounds.</summary>
    /// <param name="model">The ONNX file.</param>
    /// <param name="example">An input of the model.</param>
    /// <param name="options">How to cut.</param>
    /// <exception cref="ModelException">The model cannot be read or run.</exception>
    public static SegmentPlan? Plan(byte[] model, IReadOnlyList<TensorData> example, SegmentOptions options)
    {
        if (model.LongLength < options.ModelBytesMin)
        {
            return null;
        }

        var graph = OnnxGraph.Read(model);
        var weights = graph.Weights.Keys.Concat(graph.Nodes.Where(OnnxGraph.IsConstant).SelectMany(n => n.Outputs)).ToHashSet(StringComparer.Ordinal);
        var sizes = Measure(graph, weights, example);
        var work = graph.Nodes.Select(n => OnnxGraph.IsConstant(n) ? 0 : WorkOf(n, sizes, graph)).ToArray();
        var alive = AliveBehind(graph, weights, sizes);
        var cuts = CutRules.Choose(work, alive, options.Segments);
        var segments = Segments(graph, weights, [.. cuts.Select(c => c + 1), graph.Nodes.Count], work);
        var plan = new SegmentPlan { Model = Sha256.Of(model), Segments = segments };
        return segments.Length > 1 && segments.All(s => s.Inputs.Concat(s.Outputs).Sum(name => sizes[name].Data.LongLength) <= options.OpeningBytesMax) ? plan : null;
    }

    /// <summary>The plan of a model with a manifest, made by running an input.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="files">Its files.</param>
    /// <param name="input">An input of the pipeline.</param>
    /// <param name="options">How to cut.</param>
    /// <returns>The plan; null where segments cannot serve: the model is too small, cannot be cut, or runs many times for one input, as text does.</returns>
    /// <exception cref="PipelineException">The manifest and its files make no pipeline.</exception>
    /// <exception cref="ItemException">The input is not what the pipeline takes.</exception>
    /// <exception cref="ModelException">The model cannot be run.</exception>
    public static SegmentPlan? Plan(ModelManifest manifest, PipelineFiles files, ReadOnlySpan<byte> input, SegmentOptions options)
    {
        using var pipeline = Pipeline.Load(manifest, files);
        return Plan(manifest, pipeline, files, input, options);
    }

    /// <summary>The same with a pipeline that is loaded already.</summary>
    /// <inheritdoc cref="Plan(ModelManifest, PipelineFiles, ReadOnlySpan{byte}, SegmentOptions)"/>
    public static SegmentPlan? Plan(ModelManifest manifest, Pipeline pipeline, PipelineFiles files, ReadOnlySpan<byte> input, SegmentOptions options) =>
        files.Model is { } model && manifest.Postprocess.Kind != OutputKind.Text ? Plan(model, pipeline.Prepare(input).Tensors, options) : null;

    private static Dictionary<string, TensorData> Measure(OnnxGraph graph, HashSet<string> weights, IReadOnlyList<TensorData> example)
    {
        var read = graph.Nodes.SelectMany(n => n.Inputs).ToHashSet(StringComparer.Ordinal);
        var middle = graph.Nodes.SelectMany(n => n.Outputs).Where(name => read.Contains(name) && !weights.Contains(name));

        // Without optimisation nothing is fused away that was asked for, and nothing is rewritten twice.
        using var session = ModelSession.Load(
            graph.WithOutputs(middle), ExecutionProvider.Cpu, new SessionSettings { Optimization = Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL });
        return session.Run(example, CancellationToken.None).Concat(example).ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>Multiplications and additions, roughly; for what is no product, the elements that it makes.</summary>
    private static double WorkOf(OnnxNode node, Dictionary<string, TensorData> sizes, OnnxGraph graph)
    {
        var made = node.Outputs.Where(sizes.ContainsKey).Sum(o => (double)Elements(sizes[o].Shape));
        var weight = node.Inputs.Count > 1 ? DimensionsOf(node.Inputs[1], sizes, graph) : [];
        return node.Type switch
        {
            "Conv" or "FusedConv" when weight.Length > 1 => 2 * made * Elements(weight[1..]),
            "ConvTranspose" when weight.Length > 1 => 2 * Elements(DimensionsOf(node.Inputs[0], sizes, graph)) * (double)Elements(weight[1..]),
            "MatMul" or "MatMulInteger" when weight.Length > 1 => 2 * made * weight[^2],
            "Gemm" when weight.Length == 2 && node.Outputs is [var only] && sizes.TryGetValue(only, out var result) => 2 * made * Elements(weight) / Math.Max(1, result.Shape[^1]),
            _ => made,
        };
    }

    private static long[] DimensionsOf(string name, Dictionary<string, TensorData> sizes, OnnxGraph graph)
    {
        if (sizes.TryGetValue(name, out var tensor))
        {
            return [.. tensor.Shape];
        }

        var dimensions = new List<long>();
        var reader = new ProtobufReader(graph.Weights.GetValueOrDefault(name).Span, 0);
        while (reader.Next())
        {
            if (reader is { Field: 1, HasContent: false })
            {
                dimensions.Add((long)reader.Number);
            }
            else if (reader.Field == 1)
            {
                AddPacked(reader.Content, dimensions);
            }
        }

        return [.. dimensions];
    }

    private static void AddPacked(ReadOnlySpan<byte> numbers, List<long> dimensions)
    {
        var (value, shift) = (0L, 0);
        foreach (var b in numbers)
        {
            value |= (long)(b & 0x7F) << shift;
            (value, shift) = b >= 0x80 ? (value, shift + 7) : (0, 0);
            if (shift == 0)
            {
                dimensions.Add(value);
            }
        }
    }

    private static long Elements(IReadOnlyList<long> shape) => shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>For each operator the bytes of the tensors made up to it, or given to the model, that are used behind it.</summary>
    private static long?[] AliveBehind(OnnxGraph graph, HashSet<string> weights, Dictionary<string, TensorData> sizes)
    {
        var lastUse = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < graph.Nodes.Count; i++)
        {
            foreach (var name in graph.Nodes[i].Inputs.Where(name => !weights.Contains(name)))
            {
                lastUse[name] = i;
            }
        }

        var alive = new long?[graph.Nodes.Count];
        var made = new List<string>(graph.Inputs);
        for (var i = 0; i < alive.Length; i++)
        {
            made.AddRange(graph.Nodes[i].Outputs.Where(name => !weights.Contains(name)));
            made.RemoveAll(name => lastUse.GetValueOrDefault(name, -1) <= i);
            alive[i] = made.TrueForAll(sizes.ContainsKey) ? made.Sum(name => sizes[name].Data.LongLength) : null;
        }

        return alive;
    }

    private static ModelSegment[] Segments(OnnxGraph graph, HashSet<string> weights, int[] ends, double[] work)
    {
        var segments = new ModelSegment[ends.Length];
        for (var i = 0; i < ends.Length; i++)
        {
            var (from, to) = (i == 0 ? 0 : ends[i - 1], ends[i]);
            var nodes = graph.Nodes.Take(new Range(from, to)).Where(n => !OnnxGraph.IsConstant(n)).ToArray();
            var made = nodes.SelectMany(n => n.Outputs).ToHashSet(StringComparer.Ordinal);
            var later = graph.Nodes.Skip(to).SelectMany(n => n.Inputs).Concat(graph.Outputs).ToHashSet(StringComparer.Ordinal);
            segments[i] = new()
            {
                From = from,
                To = to,
                Inputs = nodes.SelectMany(n => n.Inputs).Where(name => !made.Contains(name) && !weights.Contains(name)).Distinct(StringComparer.Ordinal).ToArray(),
                Outputs = nodes.SelectMany(n => n.Outputs).Where(later.Contains).ToArray(),
                Share = work.Take(new Range(from, to)).Sum() / work.Sum(),
            };
        }

        return segments;
    }
}
