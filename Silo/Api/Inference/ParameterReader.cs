using System.Text.Json;

namespace PiGrid.Silo.Api.Inference;

/// <summary>Reads <c>parameters</c>: texts, numbers and truth values by name.</summary>
internal static class ParameterReader
{
    /// <summary>Reads the object to which the reader steps next.</summary>
    /// <exception cref="InferenceException">It is not what belongs there.</exception>
    public static Dictionary<string, object> Read(ref Utf8JsonReader reader, string field)
    {
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal);
        JsonCursor.Begin(ref reader, JsonTokenType.StartObject, field);
        while (JsonCursor.TryMember(ref reader))
        {
            var name = reader.ValueSpan.Length <= RequestLimits.NameMax * 6 ? reader.GetString()! : "";
            if (name.Length is 0 or > RequestLimits.NameMax || parameters.Count == RequestLimits.ParametersMax)
            {
                throw InferenceException.Invalid(
                    field, $"has at most {RequestLimits.ParametersMax} members, with names of 1 to {RequestLimits.NameMax} characters.");
            }

            if (!parameters.TryAdd(name, Value(ref reader, $"{field}.{name}")))
            {
                throw InferenceException.Invalid($"{field}.{name}", "is there twice.");
            }
        }

        return parameters;
    }

    private static object Value(ref Utf8JsonReader reader, string field)
    {
        var start = reader;
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False:
                return reader.GetBoolean();
            case JsonTokenType.Number when reader.TryGetInt64(out var whole):
                return whole;
            case JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number):
                return number;
            case JsonTokenType.String:
                reader = start;
                return JsonCursor.Text(ref reader, field, RequestLimits.TextMax);
            default:
                throw InferenceException.Invalid(field, "must be text, a finite number, true or false.");
        }
    }
}
