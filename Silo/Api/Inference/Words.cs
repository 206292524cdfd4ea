using System.Globalization;
using System.Text.Json;

namespace PiGrid.Silo.Api.Inference;

/// <summary>JSON and shapes as messages speak of them.</summary>
internal static class Words
{
    /// <summary>What stands there.</summary>
    public static string Of(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a truth value",
        JsonTokenType.Null => "null",
        JsonTokenType.None or JsonTokenType.EndObject or JsonTokenType.EndArray or JsonTokenType.PropertyName or JsonTokenType.Comment => "nothing",
    };

    /// <summary>What is wrong with JSON, and where in the body.</summary>
    public static string Of(JsonException error)
    {
        // The reader appends its position in a form of its own.
        var end = error.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"is no JSON that could be read: {(end < 0 ? error.Message : error.Message[..end])} At line {(error.LineNumber ?? 0) + 1}, byte {(error.BytePositionInLine ?? 0) + 1}.");
    }

    /// <summary>A shape, <c>[1, 3, -1]</c>.</summary>
    public static string Of(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
