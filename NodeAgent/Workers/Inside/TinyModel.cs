using System.Text;

namespace PiGrid.NodeAgent.Workers.Inside;

/// <summary>
/// An ONNX model of a few bytes, written field by field as onnx.proto3 numbers them, so that warming up needs no file.
/// </summary>
internal static class TinyModel
{
    private const int Float = 1, Int64 = 7;

    /// <summary>A detector's shapes without its work: a picture [1, 3, side, side] becomes rows [1, cells, values].</summary>
    public static byte[] Reshape(int side, int cells, int values) => Model(graph =>
    {
        graph.Message(1, node => node.Text(1, "x").Text(1, "shape").Text(2, "y").Text(4, "Reshape"));
        graph.Message(5, tensor => tensor.Number(1, 3).Number(2, Int64).Number(7, 1).Number(7, cells).Number(7, values).Text(8, "shape"));
        Value(graph, 11, "x", [1, 3, side, side]);
        Value(graph, 12, "y", [1, cells, values]);
    });

    private static byte[] Model(Action<Proto> graph) => new Proto()
        .Number(1, 8).Text(2, "pigrid")
        .Message(7, g =>
        {
            g.Text(2, "tiny");
            graph(g);
        })
        .Message(8, opset => opset.Text(1, "").Number(2, 17))
        .ToArray();

    private static void Value(Proto graph, int field, string name, long[] shape) => graph.Message(field, value => value
        .Text(1, name)
        .Message(2, type => type.Message(1, tensor => tensor.Number(1, Float).Message(2, dimensions =>
        {
            foreach (var size in shape)
            {
                dimensions.Message(1, d => d.Number(1, size));
            }
        }))));

    private sealed class Proto
    {
        private readonly List<byte> _bytes = [];

        public Proto Number(int field, long value) => Varint((ulong)field << 3).Varint((ulong)value);

        public Proto Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public Proto Message(int field, Action<Proto> fill)
        {
            var inner = new Proto();
            fill(inner);
            return Bytes(field, inner.ToArray());
        }

        public byte[] ToArray() => [.. _bytes];

        private Proto Bytes(int field, byte[] value)
        {
            Varint(((ulong)field << 3) | 2).Varint((ulong)value.Length);
            _bytes.AddRange(value);
            return this;
        }

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
