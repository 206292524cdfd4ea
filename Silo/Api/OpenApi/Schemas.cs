using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using PiGrid.Verification;

namespace PiGrid.Silo.Api.OpenApi;

/// <summary>
/// JSON schemas of the types that are read and written, made by the serializer that does both: what it cannot know, because a converter of ours writes the type, is said
/// here. Written by hand they would be right on one day.
/// </summary>
internal sealed class Schemas
{
    private static readonly JsonSchemaExporterOptions Options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = (context, schema) => Complete(context.TypeInfo.Type, schema) };

    private readonly SortedDictionary<string, JsonNode> _named = new(StringComparer.Ordinal);

    /// <summary>All schemas that were referred to, by name.</summary>
    public JsonObject ToJson() => new(_named.Select(named => KeyValuePair.Create(named.Key, (JsonNode?)named.Value)));

    /// <summary>A reference to the schema of a type.</summary>
    public JsonObject Refer(Type type)
    {
        var name = NameOf(type);
        if (!_named.ContainsKey(name))
        {
            var schema = GridJson.Wire.GetJsonSchemaAsNode(type, Options);
            Relax(schema);
            _named.Add(name, schema);
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    private static string NameOf(Type type) => type.IsArray ? NameOf(type.GetElementType()!) + "List"
        : type.IsGenericType ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] + "Of" + string.Concat(type.GetGenericArguments().Select(NameOf))
        : type.Name;

    private static JsonNode Complete(Type type, JsonNode schema)
    {
        if (schema is JsonObject known)
        {
            // Where a member repeats an earlier one the exporter points to it from the root of the type, which here is not the root of the document.
            return known.ContainsKey("$ref") ? new JsonObject() : schema;
        }

        var value = Nullable.GetUnderlyingType(type) ?? type;
        var own = SchemaOf(value) ?? new JsonObject();
        return value == type ? own : new JsonObject { ["anyOf"] = new JsonArray(own, new JsonObject { ["type"] = "null" }) };
    }

    // What is null is left out, so what may be null is never required.
    private static void Relax(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Relax(item);
            }
        }
        else if (node is JsonObject schema)
        {
            if (schema["properties"] is JsonObject members && schema["required"] is JsonArray required)
            {
                schema["required"] = new JsonArray([.. required.Select(name => (string)name!).Where(name => !MayBeNull(members[name])).Select(name => JsonValue.Create(name))]);
            }

            foreach (var (_, child) in schema)
            {
                Relax(child);
            }
        }
    }

    private static bool MayBeNull(JsonNode? schema) => schema is JsonObject rules && (
        (rules["type"] is JsonArray types && types.Any(type => (string)type! == "null"))
        || (rules["anyOf"] is JsonArray choices && choices.Any(choice => choice?["type"] is JsonValue type && (string)type! == "null")));

    private static JsonObject? SchemaOf(Type type) =>
        type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITextId<>)) ? new JsonObject { ["type"] = "string" }
        : type == typeof(double) || type == typeof(float) ? new JsonObject { ["type"] = "number" }
        : type == typeof(Amount) ? new JsonObject { ["type"] = "integer" }
        : type == typeof(Box) ? new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "number" }, ["minItems"] = 4, ["maxItems"] = 4 }
        : null;
}
