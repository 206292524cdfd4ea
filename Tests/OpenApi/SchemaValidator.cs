using System.Text.Json;
using System.Text.Json.Nodes;

namespace PiGrid.Tests.OpenApi;

/// <summary>
/// Checks JSON against the part of JSON Schema that the document uses, and refuses a keyword that it does not know rather than let something through. Members that a schema does not
/// name are errors: a document that leaves one out is not right.
/// </summary>
internal sealed class SchemaValidator(JsonObject document)
{
    private static readonly string[] Known =
        ["$ref", "type", "properties", "required", "items", "enum", "anyOf", "additionalProperties", "minItems", "maxItems", "format", "pattern", "default", "description", "const"];

    /// <summary>What is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Errors(JsonNode? schema, JsonElement value, string at = "$")
    {
        if (schema is not JsonObject rules)
        {
            return schema is JsonValue always && always.GetValueKind() == JsonValueKind.True ? [] : [$"{at}: no value is allowed"];
        }

        var unknown = rules.Select(rule => rule.Key).Except(Known).ToList();
        return unknown.Count > 0 ? [$"{at}: the schema has {string.Join(", ", unknown)}"]
            : rules["$ref"] is { } reference ? Errors(Find((string)reference!), value, at)
            : rules["anyOf"] is JsonArray choices ? Any(choices, value, at)
            : Plain(rules, value, at);
    }

    /// <summary>What a reference points to.</summary>
    public JsonNode Find(string reference) => reference.Split('/').Skip(1).Aggregate((JsonNode)document, (node, name) =>
        node[name] ?? throw new InvalidDataException($"{reference} points to nothing."));

    private IEnumerable<string> Any(JsonArray choices, JsonElement value, string at)
    {
        var errors = choices.Select(choice => Errors(choice, value, at).ToList()).ToList();
        return errors.Exists(list => list.Count == 0) ? [] : [$"{at}: fits none of {choices.Count} schemas: {string.Join("; ", errors.SelectMany(list => list))}"];
    }

    private IEnumerable<string> Plain(JsonObject rules, JsonElement value, string at)
    {
        var types = rules["type"] switch
        {
            JsonArray several => several.Select(type => (string)type!).ToArray(),
            null => [],
            var one => [(string)one!],
        };
        if (types.Length > 0 && !types.Any(type => Is(type, value)))
        {
            return [$"{at}: {value.ValueKind} is not {string.Join(" or ", types)}"];
        }

        if (rules["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, JsonNode.Parse(value.GetRawText()))))
        {
            return [$"{at}: {value} is none of {words.ToJsonString()}"];
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => Members(rules, value, at),
            JsonValueKind.Array when rules["items"] is { } items => value.EnumerateArray().SelectMany((item, i) => Errors(items, item, $"{at}[{i}]")),
            _ => [],
        };
    }

    private IEnumerable<string> Members(JsonObject rules, JsonElement value, string at)
    {
        var named = rules["properties"] as JsonObject;
        var missing = (rules["required"] as JsonArray ?? []).Select(name => (string)name!).Where(name => !value.TryGetProperty(name, out _)).Select(name => $"{at}.{name}: missing");
        return missing.Concat(value.EnumerateObject().SelectMany(member =>
            named?[member.Name] is { } schema ? Errors(schema, member.Value, $"{at}.{member.Name}")
            : rules["additionalProperties"] is { } others ? Errors(others, member.Value, $"{at}.{member.Name}")
            : named is null ? []
            : [$"{at}.{member.Name}: the schema does not name it"]));
    }

    private static bool Is(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };
}
