using System.Text;
using System.Text.Json;

namespace PiGrid.Client.Cli;

/// <summary>Turns <c>NAME=VALUE</c> into an input of the type that the model takes. Arrays in arrays give the shape.</summary>
internal static class InferInputs
{
    /// <summary>The inputs.</summary>
    /// <exception cref="UsageException">One is malformed, unknown or missing; the message names it.</exception>
    public static List<InferInput> Of(ModelMetadata model, IReadOnlyList<string> given)
    {
        var inputs = new List<InferInput>();
        foreach (var text in given)
        {
            var cut = text.IndexOf('=', StringComparison.Ordinal);
            var name = cut > 0 ? text[..cut] : throw new UsageException($"--input '{text}' is not NAME=VALUE.");
            var wanted = model.Inputs.FirstOrDefault(i => i.Name == name) ?? throw new UsageException($"There is no input '{name}': {NamesOf(model)}.");
            inputs.Add(Of(wanted, text[(cut + 1)..]));
        }

        return model.Inputs.All(wanted => inputs.Exists(i => i.Name == wanted.Name))
            ? inputs
            : throw new UsageException($"An input is missing: {NamesOf(model)}.");
    }

    private static InferInput Of(TensorMetadata wanted, string value)
    {
        var bytes = value.StartsWith('@') ? ReadFile(value[1..]) : Encoding.UTF8.GetBytes(value);
        if (wanted.Datatype == ElementName.Bytes)
        {
            return InferInput.Bytes(wanted.Name, bytes);
        }

        try
        {
            using var json = JsonDocument.Parse(bytes);
            var (shape, elements) = (new List<long>(), new List<JsonElement>());
            Flatten(json.RootElement, 0, shape, elements);
            return InferInput.Raw(wanted.Name, wanted.Datatype, DataOf(wanted.Datatype, elements), [.. shape]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new UsageException($"--input {wanted.Name} is to be an array of {wanted.Datatype} in JSON, arrays in arrays for more than one dimension: {e.Message}");
        }
    }

    private static void Flatten(JsonElement value, int depth, List<long> shape, List<JsonElement> elements)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            elements.Add(depth == shape.Count ? value : throw new FormatException("a number stands where an array is"));
            return;
        }

        var length = value.GetArrayLength();
        if (depth == shape.Count)
        {
            shape.Add(elements.Count == 0 ? length : throw new FormatException("an array stands where a number is"));
        }
        else if (shape[depth] != length)
        {
            throw new FormatException($"arrays of {shape[depth]} and of {length} elements stand side by side");
        }

        foreach (var element in value.EnumerateArray())
        {
            Flatten(element, depth + 1, shape, elements);
        }
    }

    private static byte[] DataOf(string type, List<JsonElement> elements)
    {
        return type switch
        {
            "BOOL" => All(1, (e, to) => to[0] = e.GetBoolean() ? (byte)1 : (byte)0),
            "UINT8" => All(1, (e, to) => to[0] = e.GetByte()),
            "UINT16" => All(2, (e, to) => BitConverter.TryWriteBytes(to, e.GetUInt16())),
            "UINT32" => All(4, (e, to) => BitConverter.TryWriteBytes(to, e.GetUInt32())),
            "UINT64" => All(8, (e, to) => BitConverter.TryWriteBytes(to, e.GetUInt64())),
            "INT8" => All(1, (e, to) => to[0] = unchecked((byte)e.GetSByte())),
            "INT16" => All(2, (e, to) => BitConverter.TryWriteBytes(to, e.GetInt16())),
            "INT32" => All(4, (e, to) => BitConverter.TryWriteBytes(to, e.GetInt32())),
            "INT64" => All(8, (e, to) => BitConverter.TryWriteBytes(to, e.GetInt64())),
            "FP16" => All(2, (e, to) => BitConverter.TryWriteBytes(to, (Half)e.GetDouble())),
            "FP32" => All(4, (e, to) => BitConverter.TryWriteBytes(to, e.GetSingle())),
            "FP64" => All(8, (e, to) => BitConverter.TryWriteBytes(to, e.GetDouble())),
            "BF16" => All(2, (e, to) => BitConverter.TryWriteBytes(to, (ushort)(BitConverter.SingleToUInt32Bits(e.GetSingle()) >> 16))),
            _ => throw new FormatException($"{type} is a type that this command does not know"),
        };

        byte[] All(int size, Write write)
        {
            var data = new byte[elements.Count * size];
            for (var i = 0; i < elements.Count; i++)
            {
                write(elements[i], data.AsSpan(i * size, size));
            }

            return data;
        }
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--input '@{path}' cannot be read: {e.Message}");
        }
    }

    private static string NamesOf(ModelMetadata model) =>
        $"{model.Name} takes {string.Join(", ", model.Inputs.Select(i => $"'{i.Name}' {i.Datatype} [{string.Join(", ", i.Shape)}]"))}";

    private delegate void Write(JsonElement element, Span<byte> to);
}
