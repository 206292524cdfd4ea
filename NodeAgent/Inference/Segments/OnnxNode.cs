using System.Text;
using PiGrid.Inference.Sessions;

namespace PiGrid.Inference.Segments;

/// <summary>An operator of a graph. Field numbers are onnx.proto3's.</summary>
internal sealed record OnnxNode
{
    /// <summary>The operator's type, such as <c>Conv</c>.</summary>
    public required string Type { get; init; }

    /// <summary>All tensors that it reads, those that its inner graphs take from outside among them.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>The tensors that it makes.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>The whole NodeProto.</summary>
    public required ReadOnlyMemory<byte> Message { get; init; }

    /// <summary>Reads a NodeProto.</summary>
    public static OnnxNode Read(ReadOnlyMemory<byte> message)
    {
        List<string> inputs = [], outputs = [];
        var type = "";
        var reader = new ProtobufReader(message.Span, 0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: inputs.Add(TextOf(reader)); break;
                case 2: outputs.Add(TextOf(reader)); break;
                case 4: type = TextOf(reader); break;
                case 5: AddOuter(message.Slice((int)reader.ContentStart, reader.Content.Length), inputs); break;
                default: break;
            }
        }

        return new() { Type = type, Inputs = [.. inputs.Where(i => i.Length > 0).Distinct(StringComparer.Ordinal)], Outputs = [.. outputs.Where(o => o.Length > 0)], Message = message };
    }

    /// <summary>The text of a field.</summary>
    public static string TextOf(ProtobufReader reader) => Encoding.UTF8.GetString(reader.Content);

    /// <summary>Adds whatever an attribute's inner graphs read and do not make themselves.</summary>
    private static void AddOuter(ReadOnlyMemory<byte> attribute, List<string> inputs)
    {
        var reader = new ProtobufReader(attribute.Span, 0);
        while (reader.Next())
        {
            if (reader.Field is 6 or 11 && reader.HasContent)
            {
                var inner = OnnxGraph.ReadGraph(attribute.Slice((int)reader.ContentStart, reader.Content.Length));
                var own = inner.Nodes.SelectMany(n => n.Outputs).Concat(inner.Inputs).Concat(inner.Weights.Keys).ToHashSet(StringComparer.Ordinal);
                inputs.AddRange(inner.Nodes.SelectMany(n => n.Inputs).Concat(inner.Outputs).Where(name => !own.Contains(name)));
            }
        }
    }
}
