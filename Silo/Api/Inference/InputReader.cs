using System.Text.Json;

namespace PiGrid.Silo.Api.Inference;

/// <summary>An input whose JSON is read; its data may be in the binary part.</summary>
/// <param name="Field">Where it stands, <c>inputs[0]</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its elements.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Elements">Their product.</param>
/// <param name="Data">The data that stood in the JSON.</param>
/// <param name="BinarySize">How many bytes of the binary part are its data.</param>
internal sealed record InputDraft(
    string Field, string Name, ElementType Type, IReadOnlyList<long> Shape, long Elements, byte[]? Data, long? BinarySize);

/// <summary>Reads <c>inputs</c>.</summary>
internal static class InputReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = RequestLimits.DepthMax };

    /// <summary>Reads the array to which the reader steps next.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="json">What it reads.</param>
    /// <param name="field">The array's name.</param>
    /// <exception cref="InferenceException">It is not what belongs there.</exception>
    public static List<InputDraft> ReadAll(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string field)
    {
        var inputs = new List<InputDraft>();
        JsonCursor.Begin(ref reader, JsonTokenType.StartArray, field);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (inputs.Count == RequestLimits.TensorsMax)
            {
                throw InferenceException.Invalid(field, $"has over {RequestLimits.TensorsMax} members.");
            }

            var input = Read(ref reader, json, $"{field}[{inputs.Count}]");
            if (inputs.Exists(i => i.Name == input.Name))
            {
                throw InferenceException.Invalid($"{input.Field}.name", $"'{input.Name}' is given twice; give it once.");
            }

            inputs.Add(input);
        }

        return inputs;
    }

    private static InputDraft Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string at)
    {
        string? name = null, typeName = null;
        List<long>? shape = null;
        Dictionary<string, object>? parameters = null;
        Range? data = null;
        JsonCursor.Expect(ref reader, JsonTokenType.StartObject, at);
        while (JsonCursor.TryMember(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                name = JsonCursor.Text(ref reader, JsonCursor.Once(name, $"{at}.name"), RequestLimits.NameMax);
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                typeName = JsonCursor.Text(ref reader, JsonCursor.Once(typeName, $"{at}.datatype"), RequestLimits.NameMax);
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                shape = Shape(ref reader, JsonCursor.Once(shape, $"{at}.shape"));
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                parameters = ParameterReader.Read(ref reader, JsonCursor.Once(parameters, $"{at}.parameters"));
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                JsonCursor.Once(data, $"{at}.data");
                data = Passed(ref reader, $"{at}.data");
            }
            else
            {
                JsonCursor.Pass(ref reader);
            }
        }

        var type = ElementTypes.Parse(typeName ?? throw InferenceException.Invalid($"{at}.datatype", "is missing."))
            ?? throw InferenceException.Invalid($"{at}.datatype", $"'{typeName}' is not one of {ElementTypes.Names}.");
        var elements = Elements(shape ?? throw InferenceException.Invalid($"{at}.shape", "is missing."), $"{at}.shape");
        return new(
            at,
            name is { Length: > 0 } ? name : throw InferenceException.Invalid($"{at}.name", "is missing."),
            type,
            shape,
            elements,
            data is { } range ? Data(json[range], type, shape, elements, $"{at}.data") : null,
            BinarySize(parameters, at));
    }

    // The shape that says how to read the data may stand behind them.
    private static Range Passed(ref Utf8JsonReader reader, string field)
    {
        try
        {
            reader.Read();
            var start = checked((int)reader.TokenStartIndex);
            reader.Skip();
            return start..checked((int)reader.BytesConsumed);
        }
        catch (JsonException e)
        {
            throw InferenceException.Invalid(field, Words.Of(e));
        }
    }

    private static byte[] Data(ReadOnlySpan<byte> json, ElementType type, List<long> shape, long elements, string field)
    {
        // An element takes a byte, and a comma or the closing bracket.
        if (elements > json.Length / 2)
        {
            throw InferenceException.Invalid(field, $"there are not as many elements as the shape {Words.Of(shape)} has.");
        }

        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        return DataReader.Read(ref reader, type, shape, elements, field);
    }

    private static List<long> Shape(ref Utf8JsonReader reader, string field)
    {
        var shape = new List<long>();
        JsonCursor.Begin(ref reader, JsonTokenType.StartArray, field);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var size) || size < 0 || shape.Count == RequestLimits.RankMax)
            {
                throw InferenceException.Invalid(field, $"must be at most {RequestLimits.RankMax} whole numbers, none below 0.");
            }

            shape.Add(size);
        }

        return shape;
    }

    private static long Elements(List<long> shape, string field)
    {
        long elements = 1;
        foreach (var size in shape)
        {
            elements = size > int.MaxValue || elements * size > int.MaxValue
                ? throw InferenceException.Invalid(field, $"{Words.Of(shape)} has over {int.MaxValue} elements.")
                : elements * size;
        }

        return elements;
    }

    private static long? BinarySize(Dictionary<string, object>? parameters, string at)
    {
        long? size = null;
        foreach (var (name, value) in parameters ?? [])
        {
            var field = $"{at}.parameters.{name}";
            size = name != "binary_data_size"
                ? throw InferenceException.Invalid(field, "is not known here; the parameter of an input is binary_data_size.")
                : value is long and >= 0 and var bytes ? bytes : throw InferenceException.Invalid(field, "must be a whole number, not below 0.");
        }

        return size;
    }
}
