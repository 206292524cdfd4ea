using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PiGrid.Tests;

/// <summary>Tiny ONNX models for tests, written field by field as onnx.proto3 numbers them.</summary>
internal static class OnnxModels
{
    /// <summary>An open dimension; the model names it <c>d0</c>, <c>d1</c>, ... by its place.</summary>
    public const long Open = -1;

    /// <summary><c>y = x</c></summary>
    public static byte[] Identity(TensorElementType type, params long[] shape) =>
        Model(g => g.Message(1, n => Node(n, "Identity", ["x"], ["y"])).Value(11, "x", type, shape).Value(12, "y", type, shape));

    /// <summary><c>y = a + b</c>, in 32-bit floats</summary>
    public static byte[] Add(params long[] shape) => Model(g => g.Message(1, n => Node(n, "Add", ["a", "b"], ["y"]))
        .Value(11, "a", TensorElementType.Float, shape).Value(11, "b", TensorElementType.Float, shape).Value(12, "y", TensorElementType.Float, shape));

    /// <summary>Runs until it is ended: a loop without a trip limit whose condition stays true.</summary>
    public static byte[] EndlessLoop() => Model(g => g
        .Message(1, n => Node(n, "Loop", ["", "true", "x"], ["y"]).Message(5, a => a.Text(1, "body").Message(6, LoopBody).Number(20, 5)))
        .Message(5, t => t.Number(2, (int)TensorElementType.Bool).Text(8, "true").Bytes(9, [1]))
        .Value(11, "x", TensorElementType.Float, [1]).Value(12, "y", TensorElementType.Float, [1]));

    /// <summary>Uses an operator that no ONNX version defines.</summary>
    public static byte[] UnknownOperator() => Model(g => g.Message(1, n => Node(n, "NoSuchOperator", ["x"], ["y"]))
        .Value(11, "x", TensorElementType.Float, [1]).Value(12, "y", TensorElementType.Float, [1]));

    /// <summary>A whole model (IR 8, opset 17) around a graph.</summary>
    /// <param name="graph">Writes the graph's fields.</param>
    public static byte[] Model(Action<Proto> graph) => new Proto().Number(1, 8).Text(2, "pigrid-tests").Number(5, 3)
        .Message(7, g => graph(g.Text(2, "g"))).Message(8, o => o.Text(1, "").Number(2, 17)).ToArray();

    /// <summary>A NodeProto with names of its inputs and outputs; an empty input name leaves that input out.</summary>
    public static Proto Node(Proto node, string type, string[] inputs, string[] outputs)
    {
        Array.ForEach(inputs, i => node.Text(1, i));
        Array.ForEach(outputs, o => node.Text(2, o));
        return node.Text(3, outputs[0]).Text(4, type);
    }

    /// <summary>The body of a loop that carries a vector of one float, v to w, until its trips are over.</summary>
    public static void LoopBody(Proto body) => body
        .Message(1, n => Node(n, "Identity", ["going"], ["still"])).Message(1, n => Node(n, "Identity", ["v"], ["w"])).Text(2, "body")
        .Value(11, "i", TensorElementType.Int64, []).Value(11, "going", TensorElementType.Bool, []).Value(11, "v", TensorElementType.Float, [1])
        .Value(12, "still", TensorElementType.Bool, []).Value(12, "w", TensorElementType.Float, [1]);

    /// <summary>A protobuf message in the making.</summary>
    internal sealed class Proto
    {
        private readonly List<byte> _bytes = [];

        public Proto Number(int field, long value) => Varint((ulong)field << 3).Varint((ulong)value);

        public Proto Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public Proto Bytes(int field, byte[] value)
        {
            Varint(((ulong)field << 3) | 2).Varint((ulong)value.Length);
            _bytes.AddRange(value);
            return this;
        }

        public Proto Message(int field, Action<Proto> fill)
        {
            Proto inner = new();
            fill(inner);
            return Bytes(field, inner.ToArray());
        }

        /// <summary>A ValueInfoProto: an input (field 11) or output (field 12) of a graph.</summary>
        public Proto Value(int field, string name, TensorElementType type, long[] shape) => Message(field, v => v
            .Text(1, name).Message(2, t => t.Message(1, tensor => tensor.Number(1, (int)type).Message(2, s =>
            {
                for (int i = 0; i < shape.Length; i++)
                {
                    int place = i;
                    s.Message(1, d => _ = shape[place] == Open ? d.Text(2, $"d{place}") : d.Number(1, shape[place]));
                }
            }))));

        public byte[] ToArray() => [.. _bytes];

        private Proto Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _bytes.Add((byte)((value & 0x7F) | 0x80));
            }
            _bytes.Add((byte)value);
            return this;
        }
    }
}
