using System.Text;

namespace PiGrid.Inference.Sessions;

/// <summary>
/// Looks into a model's bytes before ONNX Runtime loads them: that they are a whole ONNX model, and that the model reads no other file.
/// A model that names external data could make a volunteer's machine read files of its own. Field numbers are onnx.proto3's.
/// </summary>
internal static class OnnxFile
{
    private const int DepthMax = 64;

    /// <summary>What is wrong with the model and what to do; null when it may be loaded.</summary>
    public static string? Check(ReadOnlySpan<byte> model)
    {
        if (model.IsEmpty)
        {
            return "the file is empty (0 bytes): give the ONNX file";
        }

        var isStarted = false;
        try
        {
            return CheckModel(model, ref isStarted);
        }
        catch (ProtobufException e) when (e.IsTruncated && isStarted)
        {
            return $"the file is truncated: it has {model.Length} bytes, and the field at byte {e.At} needs more; copy the whole ONNX file";
        }
        catch (ProtobufException e)
        {
            return $"the file is no ONNX model: byte {e.At} cannot be read as one; export the model to ONNX";
        }
    }

    private static string? CheckModel(ReadOnlySpan<byte> model, ref bool isStarted)
    {
        var hasGraph = false;
        var reader = new ProtobufReader(model, 0);
        while (reader.Next())
        {
            // ModelProto begins with ir_version, by every writer; other protobuf files do not.
            if (!isStarted && (reader.Field is not (1 or 8) || (reader.Field == 1 && reader.Number is 0 or > 1000)))
            {
                return "the file is no ONNX model: it does not begin with a model's version; export the model to ONNX";
            }

            isStarted = true;
            var error = reader.Field switch
            {
                7 => CheckGraph(reader.Content, reader.ContentStart, 0),
                25 => CheckFunction(reader.Content, reader.ContentStart),
                _ => null,
            };
            hasGraph |= reader.Field == 7;
            if (error is not null)
            {
                return error;
            }
        }

        return hasGraph ? null : "the file is no ONNX model: it has no graph; export the model to ONNX";
    }

    private static string? CheckGraph(ReadOnlySpan<byte> graph, long start, int depth)
    {
        if (depth > DepthMax)
        {
            return $"its graphs are nested more than {DepthMax} deep: simplify the model";
        }

        var reader = new ProtobufReader(graph, start);
        while (reader.Next())
        {
            var error = reader.Field switch
            {
                1 => CheckNode(reader.Content, reader.ContentStart, depth),
                5 => CheckTensor(reader.Content, reader.ContentStart),
                15 => CheckSparse(reader.Content, reader.ContentStart),
                _ => null,
            };
            if (error is not null)
            {
                return error;
            }
        }

        return null;
    }

    private static string? CheckFunction(ReadOnlySpan<byte> function, long start)
    {
        string? error = null;
        var reader = new ProtobufReader(function, start);
        while (error is null && reader.Next())
        {
            error = reader.Field switch
            {
                7 => CheckNode(reader.Content, reader.ContentStart, 0),
                11 => CheckAttribute(reader.Content, reader.ContentStart, 0),
                _ => null,
            };
        }

        return error;
    }

    private static string? CheckNode(ReadOnlySpan<byte> node, long start, int depth)
    {
        string? error = null;
        var reader = new ProtobufReader(node, start);
        while (error is null && reader.Next())
        {
            error = reader.Field switch
            {
                4 when reader.Content.SequenceEqual("EPContext"u8) => "it contains an EPContext node, which loads compiled code from elsewhere: export the plain model",
                5 => CheckAttribute(reader.Content, reader.ContentStart, depth),
                _ => null,
            };
        }

        return error;
    }

    private static string? CheckAttribute(ReadOnlySpan<byte> attribute, long start, int depth)
    {
        string? error = null;
        var reader = new ProtobufReader(attribute, start);
        while (error is null && reader.Next())
        {
            error = reader.Field switch
            {
                5 or 10 when reader.HasContent => CheckTensor(reader.Content, reader.ContentStart),
                6 or 11 when reader.HasContent => CheckGraph(reader.Content, reader.ContentStart, depth + 1),
                22 or 23 when reader.HasContent => CheckSparse(reader.Content, reader.ContentStart),
                _ => null,
            };
        }

        return error;
    }

    private static string? CheckSparse(ReadOnlySpan<byte> sparse, long start)
    {
        string? error = null;
        var reader = new ProtobufReader(sparse, start);
        while (error is null && reader.Next())
        {
            error = reader.Field is 1 or 2 ? CheckTensor(reader.Content, reader.ContentStart) : null;
        }

        return error;
    }

    private static string? CheckTensor(ReadOnlySpan<byte> tensor, long start)
    {
        var (name, isExternal) = ("", false);
        var reader = new ProtobufReader(tensor, start);
        while (reader.Next())
        {
            name = reader.Field == 8 ? Encoding.UTF8.GetString(reader.Content) : name;
            isExternal |= reader.Field == 13 || (reader.Field == 14 && reader.Number != 0);
        }

        return isExternal ? $"its tensor '{name}' lies in another file (external data): save the model as one file" : null;
    }
}
