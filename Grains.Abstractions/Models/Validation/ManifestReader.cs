using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PiGrid.Models;

/// <summary>Reads manifests as people write them: an unknown field is an error that names it, never ignored.</summary>
public static partial class ManifestReader
{
    /// <summary>The longest manifest in bytes.</summary>
    public const int BytesMax = 256 * 1024;

    /// <summary>Reads and validates a manifest.</summary>
    /// <param name="json">The document, UTF-8, with or without a byte order mark.</param>
    /// <param name="manifest">The manifest; null when there are errors.</param>
    /// <param name="errors">Everything that is wrong; empty otherwise. What is no JSON, or no manifest's JSON, ends at the first error.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ModelManifest? manifest, out IReadOnlyList<FieldError> errors)
    {
        manifest = null;
        if (json.Length > BytesMax)
        {
            errors = [new("", "too_large", $"the manifest has {json.Length} bytes; at most {BytesMax} are allowed")];
            return false;
        }

        try
        {
            var parsed = JsonSerializer.Deserialize<ModelManifest>(json.StartsWith("\uFEFF"u8) ? json[3..] : json, GridJson.Document);
            errors = parsed is null ? [new("", "malformed_json", "null is no manifest")] : ManifestValidator.Validate(parsed);
            manifest = errors.Count == 0 ? parsed : null;
        }
        catch (JsonException e)
        {
            errors = [Explain(e)];
        }

        return manifest is not null;
    }

    private static FieldError Explain(JsonException e)
    {
        var place = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1} of the line)" : "";
        var path = (e.Path ?? "$") is ['$', .. var rest] ? rest.TrimStart('.') : e.Path!;
        if (UnknownMember().Match(e.Message) is { Success: true } unknown)
        {
            var name = unknown.Groups[1].Value;
            var field = path == name || path.EndsWith($".{name}", StringComparison.Ordinal) ? path : path.Length == 0 ? name : $"{path}.{name}";
            return new(field, "unknown_field", $"a manifest has no such field{place}: correct its name or remove it");
        }

        if (MissingMembers().Match(e.Message) is { Success: true } missing)
        {
            return new(path, "missing", $"required fields are missing: {missing.Groups[1].Value.TrimEnd('.')}{place}");
        }

        var message = Place().Replace(e.Message, "");
        return new(path, path.Length == 0 ? "malformed_json" : "invalid_value", $"{message}{place}");
    }

    [GeneratedRegex("^The JSON property '([^']*)' could not be mapped")]
    private static partial Regex UnknownMember();

    [GeneratedRegex("missing required properties including: (.*?)(?: Path:.*)?$")]
    private static partial Regex MissingMembers();

    /// <summary>What the serializer appends to its messages, and is said here once.</summary>
    [GeneratedRegex(@"\s*Path: .*$")]
    private static partial Regex Place();
}
