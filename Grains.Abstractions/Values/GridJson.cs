using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PiGrid;

/// <summary>
/// The JSON of every PiGrid document and message: snake_case names and enum members, absent members left out, unknown members
/// ignored on the wire (older agents keep working) but refused in documents that people write (a misspelt field is an error).
/// </summary>
public static class GridJson
{
    /// <summary>For messages between programs: unknown members are ignored.</summary>
    public static JsonSerializerOptions Wire { get; } = Create(JsonUnmappedMemberHandling.Skip, indented: false);

    /// <summary>For documents that people write, such as manifests: an unknown member is an error.</summary>
    public static JsonSerializerOptions Document { get; } = Create(JsonUnmappedMemberHandling.Disallow, indented: true);

    /// <summary>For reading by people: as <see cref="Wire"/>, indented.</summary>
    public static JsonSerializerOptions Indented { get; } = Create(JsonUnmappedMemberHandling.Skip, indented: true);

    private static JsonSerializerOptions Create(JsonUnmappedMemberHandling unmapped, bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            PropertyNameCaseInsensitive = false,
            NumberHandling = JsonNumberHandling.Strict,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            UnmappedMemberHandling = unmapped,
            AllowOutOfOrderMetadataProperties = true,
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LetNullableParametersBeAbsent } },
            MaxDepth = 32,
            WriteIndented = indented,
            // The output is JSON, never HTML: text stays readable and its canonical form unambiguous.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        options.Converters.Add(new FiniteNumberConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    // Null is written by leaving the member out, so a parameter that may be null may be absent.
    private static void LetNullableParametersBeAbsent(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        foreach (var property in type.Properties)
        {
            if (property.AssociatedParameter is { IsMemberInitializer: false } parameter
                && (parameter.IsNullable || Nullable.GetUnderlyingType(parameter.ParameterType) is not null))
            {
                property.IsRequired = false;
            }
        }
    }
}
