using System.Runtime.InteropServices;
using System.Text.Json;
using PiGrid.Benchmarks.Numeric;
using PiGrid.Inference.Segments;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Segments;

/// <summary>
/// A model of the size for which segments are meant, with made-up weights: the test data has none. Blocks of two products with a sum around
/// them, as in a transformer's feed-forward half: much arithmetic and many weights, few bytes between blocks.
/// </summary>
internal static class LargeModel
{
    private const int Width = 1_024, Inner = 2_048, Rows = 64, Float = 1;

    /// <summary>The model and an input for it.</summary>
    /// <param name="blocks">How many blocks; each has 16 MiB of weights.</param>
    public static RealWork Make(int blocks)
    {
        var random = new Random(1);
        var input = new float[Rows * Width];
        Fill(random, input, 1);
        var manifest = new ModelManifest
        {
            Schema = ModelManifest.SchemaV1,
            Name = "large",
            Version = "1",
            Publisher = "benchmark",
            Licence = "MIT",
            Category = "test",
            Model = new() { File = "model.onnx" },
            Preprocess = new() { Kind = InputKind.Tensors },
            Postprocess = new() { Kind = OutputKind.Tensors },
            Comparator = new() { Kind = ComparatorKind.Tensors },
            Limits = new() { SecondsPerInput = 60 },
        };
        TensorData[] tensors = [new("x", "float32", [Rows, Width], MemoryMarshal.AsBytes<float>(input).ToArray())];
        return new($"made up, {blocks * 16} MiB", manifest, new() { Model = Model(random, blocks) }, [KeyValuePair.Create("rows", JsonSerializer.SerializeToUtf8Bytes(tensors, GridJson.Wire))]);
    }

    private static byte[] Model(Random random, int blocks) => new ProtobufWriter().Number(1, 8).Message(7, graph =>
    {
        graph.Text(2, "large");
        var at = "x";
        for (var i = 0; i < blocks; i++)
        {
            var (a, b, c, next) = ($"a{i}", $"b{i}", $"c{i}", i == blocks - 1 ? "y" : $"x{i}");
            Node(graph, "MatMul", [at, $"up{i}"], a);
            Node(graph, "Tanh", [a], b);
            Node(graph, "MatMul", [b, $"down{i}"], c);
            Node(graph, "Add", [at, c], next);
            Weight(graph, $"up{i}", random, Width, Inner);
            Weight(graph, $"down{i}", random, Inner, Width);
            at = next;
        }

        Value(graph, 11, "x");
        Value(graph, 12, "y");
    }).Message(8, opset => opset.Text(1, "").Number(2, 17)).ToArray();

    private static void Node(ProtobufWriter graph, string type, string[] inputs, string output) => graph.Message(1, node =>
    {
        Array.ForEach(inputs, i => node.Text(1, i));
        node.Text(2, output).Text(4, type);
    });

    private static void Weight(ProtobufWriter graph, string name, Random random, int rows, int columns)
    {
        var values = new float[rows * columns];
        Fill(random, values, 1 / Math.Sqrt(rows));
        graph.Message(5, t => t.Number(1, (ulong)rows).Number(1, (ulong)columns).Number(2, Float).Text(8, name).Bytes(9, MemoryMarshal.AsBytes<float>(values)));
    }

    private static void Value(ProtobufWriter graph, int field, string name) => graph.Message(field, v => v.Text(1, name)
        .Message(2, t => t.Message(1, tensor => tensor.Number(1, Float).Message(2, s => s.Message(1, d => d.Number(1, Rows)).Message(1, d => d.Number(1, Width))))));

    private static void Fill(Random random, float[] values, double scale)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)((random.NextDouble() - 0.5) * 2 * scale);
        }
    }
}
