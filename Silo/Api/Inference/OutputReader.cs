using System.Text.Json;

namespace PiGrid.Silo.Api.Inference;

/// <summary>Reads <c>outputs</c>: which are wanted, and how.</summary>
internal static class OutputReader
{
    /// <summary>Reads the array to which the reader steps next.</summary>
    /// <exception cref="InferenceException">It is not what belongs there.</exception>
    public static List<RequestedOutput> ReadAll(ref Utf8JsonReader reader, string field)
    {
        var outputs = new List<RequestedOutput>();
        JsonCursor.Begin(ref reader, JsonTokenType.StartArray, field);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (outputs.Count == RequestLimits.TensorsMax)
            {
                throw InferenceException.Invalid(field, $"has over {RequestLimits.TensorsMax} members.");
            }

            var at = $"{field}[{outputs.Count}]";
            var output = Read(ref reader, at);
            if (outputs.Exists(o => o.Name == output.Name))
            {
                throw InferenceException.Invalid($"{at}.name", $"'{output.Name}' is asked for twice.");
            }

            outputs.Add(output);
        }

        return outputs;
    }

    private static RequestedOutput Read(ref Utf8JsonReader reader, string at)
    {
        string? name = null;
        Dictionary<string, object>? parameters = null;
        JsonCursor.Expect(ref reader, JsonTokenType.StartObject, at);
        while (JsonCursor.TryMember(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                name = JsonCursor.Text(ref reader, JsonCursor.Once(name, $"{at}.name"), RequestLimits.NameMax);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                parameters = ParameterReader.Read(ref reader, JsonCursor.Once(parameters, $"{at}.parameters"));
            }
            else
            {
                JsonCursor.Pass(ref reader);
            }
        }

        return new(name ?? throw InferenceException.Invalid($"{at}.name", "is missing."), Binary(parameters, at));
    }

    private static bool? Binary(Dictionary<string, object>? parameters, string at)
    {
        bool? isBinary = null;
        foreach (var (name, value) in parameters ?? [])
        {
            isBinary = name != "binary_data"
                ? throw InferenceException.Invalid($"{at}.parameters.{name}", "is not known here; the parameter of an output is binary_data.")
                : value as bool? ?? throw InferenceException.Invalid($"{at}.parameters.binary_data", "must be true or false.");
        }

        return isBinary;
    }
}
