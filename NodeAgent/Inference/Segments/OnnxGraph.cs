using PiGrid.Inference.Sessions;
using PiGrid.Verification;

namespace PiGrid.Inference.Segments;

/// <summary>
/// An ONNX file taken apart far enough to give out a tensor from its middle, or to make a model of some of its operators. Nothing
/// is copied until then. Field numbers are onnx.proto3's; <see cref="OnnxFile"/> has looked for what must not be loaded.
/// </summary>
internal sealed class OnnxGraph
{
    private const int GraphField = 7, NodeField = 1, WeightField = 5, InputField = 11, OutputField = 12, SparseField = 15;

    private readonly List<ReadOnlyMemory<byte>> _around = [];
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _declared = new(StringComparer.Ordinal);
    private readonly List<ReadOnlyMemory<byte>> _sparse = [];
    private ReadOnlyMemory<byte> _graph;

    /// <summary>The operators, each behind those whose tensors it reads.</summary>
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>The model's weights by name, each a TensorProto.</summary>
    public Dictionary<string, ReadOnlyMemory<byte>> Weights { get; } = new(StringComparer.Ordinal);

    /// <summary>The model's inputs, weights aside.</summary>
    public List<string> Inputs { get; } = [];

    /// <summary>The model's outputs.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>Reads a model.</summary>
    /// <exception cref="ModelException">The bytes are no ONNX model.</exception>
    public static OnnxGraph Read(byte[] model)
    {
        if (OnnxFile.Check(model) is { } error)
        {
            throw new ModelException(error);
        }

        var around = new List<ReadOnlyMemory<byte>>();
        ReadOnlyMemory<byte> graph = default;
        var reader = new ProtobufReader(model, 0);
        for (var start = 0; reader.Next(); start = reader.Position)
        {
            if (reader.Field == GraphField)
            {
                graph = model.AsMemory((int)reader.ContentStart, reader.Content.Length);
            }
            else
            {
                around.Add(model.AsMemory(start, reader.Position - start));
            }
        }

        var read = ReadGraph(graph);
        read._around.AddRange(around);
        return read;
    }

    /// <summary>Reads a GraphProto.</summary>
    public static OnnxGraph ReadGraph(ReadOnlyMemory<byte> graph)
    {
        var read = new OnnxGraph { _graph = graph };
        var reader = new ProtobufReader(graph.Span, 0);
        for (var start = 0; reader.Next(); start = reader.Position)
        {
            var content = reader.HasContent ? graph.Slice((int)reader.ContentStart, reader.Content.Length) : default;
            switch (reader.Field)
            {
                case NodeField: read.Nodes.Add(OnnxNode.Read(content)); break;
                case WeightField: read.Weights[NameIn(content, 8)] = content; break;
                case SparseField: read._sparse.Add(graph[start..reader.Position]); break;
                case InputField: read._declared[NameIn(content, 1)] = content; break;
                case OutputField: read.Outputs.Add(NameIn(content, 1)); break;
                default: break;
            }
        }

        read.Inputs.AddRange(read._declared.Keys.Where(name => !read.Weights.ContainsKey(name)));
        return read;
    }

    /// <summary>The model with more outputs; the library finds their types and shapes.</summary>
    public byte[] WithOutputs(IEnumerable<string> names)
    {
        var graph = new ProtobufWriter().Raw(_graph.Span);
        foreach (var name in names.Except(Outputs, StringComparer.Ordinal))
        {
            graph.Message(OutputField, value => value.Text(1, name));
        }

        return Model(graph);
    }

    /// <summary>A model of some of the operators: weights go along, and so do operators that make constants.</summary>
    /// <param name="segment">Which operators, what they read and what they give out.</param>
    /// <param name="inputs">A tensor for each of what they read, for its type and number of dimensions.</param>
    public byte[] Extract(ModelSegment segment, IReadOnlyList<TensorData> inputs)
    {
        var nodes = Nodes.Where((node, i) => (i >= segment.From && i < segment.To) || IsConstant(node)).ToArray();
        var read = nodes.SelectMany(n => n.Inputs).ToHashSet(StringComparer.Ordinal);
        var graph = new ProtobufWriter().Text(2, "segment");
        foreach (var node in nodes)
        {
            graph.Bytes(NodeField, node.Message.Span);
        }

        foreach (var (_, weight) in Weights.Where(w => read.Contains(w.Key)))
        {
            graph.Bytes(WeightField, weight.Span);
        }

        _sparse.ForEach(field => graph.Raw(field.Span));
        foreach (var input in inputs)
        {
            graph.Bytes(InputField, _declared.TryGetValue(input.Name, out var declared) ? declared.Span : Declaration(input));
        }

        foreach (var output in segment.Outputs)
        {
            graph.Message(OutputField, value => value.Text(1, output));
        }

        return Model(graph);
    }

    /// <summary>Whether an operator gives the same whatever the input is, so that its tensors are weights.</summary>
    public static bool IsConstant(OnnxNode node) => node is { Type: "Constant", Inputs: [] };

    private byte[] Model(ProtobufWriter graph)
    {
        var model = new ProtobufWriter();
        _around.ForEach(field => model.Raw(field.Span));
        return model.Bytes(GraphField, graph.ToArray()).ToArray();
    }

    /// <summary>A ValueInfoProto. Sizes are as they came, so that the library can plan as it does for the whole model.</summary>
    private static byte[] Declaration(TensorData tensor)
    {
        var type = (ulong)ElementTypeNames.TypeOf(tensor.Type)!.Value;
        return new ProtobufWriter().Text(1, tensor.Name).Message(2, t => t.Message(1, body => body.Number(1, type).Message(2, shape =>
        {
            foreach (var size in tensor.Shape)
            {
                shape.Message(1, d => d.Number(1, (ulong)size));
            }
        }))).ToArray();
    }

    private static string NameIn(ReadOnlyMemory<byte> message, int field)
    {
        var name = "";
        var reader = new ProtobufReader(message.Span, 0);
        while (reader.Next())
        {
            name = reader.Field == field ? OnnxNode.TextOf(reader) : name;
        }

        return name;
    }
}
