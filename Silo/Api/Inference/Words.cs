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

    /// <summary>A shape, <c>[1, 3, -1]</c>.</summary>
    public static string Of(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
