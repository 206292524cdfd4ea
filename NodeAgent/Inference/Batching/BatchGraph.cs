using System.Text;
using PiGrid.Inference.Sessions;

namespace PiGrid.Inference.Batching;

/// <summary>What an ONNX file says that bears on batches and that the library does not tell. Field numbers are onnx.proto3's.</summary>
internal sealed class BatchGraph
{
    private const int GraphField = 7, FunctionField = 25, NodeField = 1, FunctionNodeField = 7, InputField = 11, OutputField = 12;

    private readonly Dictionary<string, string> _rowNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _operators = new(StringComparer.Ordinal);

    private BatchGraph()
    {
    }

    /// <summary>The name of the first dimension, for those inputs and outputs where it has one.</summary>
    public IReadOnlyDictionary<string, string> RowNames => _rowNames;

    /// <summary>The types of all operators, those in inner graphs and functions among them.</summary>
    public IReadOnlySet<string> Operators => _operators;

    /// <summary>Reads a model that <see cref="OnnxFile"/> has looked at; null when a part of it cannot be read.</summary>
    public static BatchGraph? Read(ReadOnlySpan<byte> model)
    {
        var read = new BatchGraph();
        try
        {
            var reader = new ProtobufReader(model, 0);
            while (reader.Next())
            {
                switch (reader.Field)
                {
                    case GraphField: read.ReadGraph(reader.Content, isMain: true); break;
                    case FunctionField: read.ReadFunction(reader.Content); break;
                    default: break;
                }
            }

            return read;
        }
        catch (ProtobufException)
        {
            return null;
        }
    }

    private void ReadGraph(ReadOnlySpan<byte> graph, bool isMain)
    {
        var reader = new ProtobufReader(graph, 0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case NodeField: ReadNode(reader.Content); break;
                case InputField or OutputField when isMain: ReadDeclaration(reader.Content); break;
                default: break;
            }
        }
    }

    private void ReadFunction(ReadOnlySpan<byte> function)
    {
        var reader = new ProtobufReader(function, 0);
        while (reader.Next())
        {
            if (reader.Field == FunctionNodeField)
            {
                ReadNode(reader.Content);
            }
        }
    }

    private void ReadNode(ReadOnlySpan<byte> node)
    {
        var reader = new ProtobufReader(node, 0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 4: _operators.Add(Encoding.UTF8.GetString(reader.Content)); break;
                case 5: ReadAttribute(reader.Content); break;
                default: break;
            }
        }
    }

    private void ReadAttribute(ReadOnlySpan<byte> attribute)
    {
        var reader = new ProtobufReader(attribute, 0);
        while (reader.Next())
        {
            if (reader.Field is 6 or 11)
            {
                ReadGraph(reader.Content, isMain: false);
            }
        }
    }

    /// <summary>A ValueInfoProto: its name, and the first dimension of its type.</summary>
    private void ReadDeclaration(ReadOnlySpan<byte> value)
    {
        var name = Encoding.UTF8.GetString(First(value, 1));
        var shape = First(First(First(value, 2), 1), 2);
        if (Encoding.UTF8.GetString(First(First(shape, 1), 2)) is { Length: > 0 } rows)
        {
            _rowNames[name] = rows;
        }
    }

    /// <summary>The content of the first field with this number; empty without one.</summary>
    private static ReadOnlySpan<byte> First(ReadOnlySpan<byte> message, int field)
    {
        var reader = new ProtobufReader(message, 0);
        while (reader.Next())
        {
            if (reader.Field == field)
            {
                return reader.Content;
            }
        }

        return [];
    }
}
