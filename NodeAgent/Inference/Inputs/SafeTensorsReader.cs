using System.Buffers.Binary;
using System.Text.Json;
using PiGrid.Inference.Sessions;
using PiGrid.Tensors;
using PiGrid.Verification;

namespace PiGrid.Inference.Inputs;

/// <summary>
/// Reads tensors in the safetensors format, strictly: the header is bounded, the tensors' bytes lie one behind another without gap or overlap from the header's
/// end to the file's, and each has exactly the bytes that its type and shape need. Nothing is taken of memory before that is so.
/// </summary>
internal static class SafeTensorsReader
{
    private const string Metadata = "__metadata__";

    /// <summary>The tensors, in the order of the header.</summary>
    /// <exception cref="ItemException">The bytes are no such file (undecodable).</exception>
    public static InputTensor[] Read(ReadOnlySpan<byte> input)
    {
        var length = input.Length < SafeTensors.Prefix ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(input);
        if (length is < 2 or > SafeTensors.HeaderMax || (int)length > input.Length - SafeTensors.Prefix)
        {
            throw Bad($"its header has {length} bytes by its first eight; 2 to {SafeTensors.HeaderMax} are allowed, and no more than there are.");
        }

        var header = input.Slice(SafeTensors.Prefix, (int)length);
        var start = SafeTensors.Prefix + (int)length;
        var entries = Parse(header);
        CheckPlaces(entries, input.Length - start);
        return [.. entries.Select(e => new InputTensor(e.Name, e.Type, e.Shape, (start + (int)e.Begin)..(start + (int)e.End)))];
    }

    private static List<Entry> Parse(ReadOnlySpan<byte> header)
    {
        try
        {
            if (header[0] != '{')
            {
                throw Bad("its header does not begin with '{'.");
            }

            var reader = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 4 });
            var entries = new List<Entry>();
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (name == Metadata)
                {
                    reader.Read();
                    reader.Skip();
                    continue;
                }

                entries.Add(entries.Count < OutputLimits.TensorsMax && entries.TrueForAll(e => e.Name != name)
                    ? ReadEntry(ref reader, name)
                    : throw Bad($"it has '{name}' twice, or over {OutputLimits.TensorsMax} tensors."));
            }

            // Only spaces may follow, which fill the header up.
            return reader.Read() ? throw Bad("its header goes on behind its end.") : entries;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw Bad($"its header cannot be read: {e.Message}");
        }
    }

    private static Entry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        List<long>? shape = null, offsets = null;
        reader.Read();
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (type is null && reader.ValueTextEquals("dtype"u8))
            {
                reader.Read();
                type = SafeTensors.TypeOf(reader.GetString() ?? "") ?? throw Bad($"the tensor '{name}' has a dtype that is not known here.");
            }
            else if (shape is null && reader.ValueTextEquals("shape"u8))
            {
                shape = ReadNumbers(ref reader, name, TensorShape.RankMax);
            }
            else if (offsets is null && reader.ValueTextEquals("data_offsets"u8))
            {
                offsets = ReadNumbers(ref reader, name, 2);
            }
            else
            {
                throw Bad($"the tensor '{name}' has an unknown member, or one twice.");
            }
        }

        return type is not null && shape is not null && offsets is { Count: 2 }
            ? new(name, type, shape, offsets[0], offsets[1])
            : throw Bad($"the tensor '{name}' needs dtype, shape and two data_offsets.");
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, string name, int countMax)
    {
        var numbers = new List<long>();
        reader.Read();
        var isArray = reader.TokenType == JsonTokenType.StartArray;
        while (isArray && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            numbers.Add(numbers.Count < countMax && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number >= 0
                ? number
                : throw Bad($"the tensor '{name}' has a shape or data_offsets that are too long, or not whole numbers from 0 on."));
        }

        return isArray ? numbers : throw Bad($"the tensor '{name}' has a shape or data_offsets that are no arrays.");
    }

    private static void CheckPlaces(List<Entry> entries, int length)
    {
        long at = 0;
        foreach (var entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            var size = ElementTypeNames.Parse(entry.Type)!.Value.Size;
            if (TensorShape.ElementsOf(entry.Shape) is not { } elements || entry.Begin != at || entry.End - entry.Begin != elements * size)
            {
                throw Bad(
                    $"the tensor '{entry.Name}' of {entry.Type} {TensorShape.Text(entry.Shape)} lies at {entry.Begin} to {entry.End}, "
                    + "which is not its size, or not right behind the one before it.");
            }

            at = entry.End;
        }

        if (at != length)
        {
            throw Bad($"its tensors have {at} bytes by the header, but {length} are there.");
        }
    }

    private static ItemException Bad(string message) =>
        new(ItemErrorCode.Undecodable, $"The input begins as a safetensors file, but {message}");

    private sealed record Entry(string Name, string Type, IReadOnlyList<long> Shape, long Begin, long End);
}
