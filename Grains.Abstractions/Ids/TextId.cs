using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>
/// What every typed id shares: one validated text form that is its key, its JSON and its route value.
/// Ids are types of their own so that a node's id cannot be passed where a job's is meant.
/// </summary>
/// <typeparam name="TSelf">The id type itself.</typeparam>
public interface ITextId<TSelf> : IParsable<TSelf>
    where TSelf : struct, ITextId<TSelf>
{
    /// <summary>The text form; also the grain key.</summary>
    string Value { get; }
}

/// <summary>Reads and writes an id as its text form; a malformed id is a <see cref="JsonException"/>.</summary>
public sealed class TextIdJsonConverter<TId> : JsonConverter<TId>
    where TId : struct, ITextId<TId>
{
    /// <inheritdoc/>
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TId.TryParse(reader.GetString(), null, out var id)
            ? id
            : throw new JsonException($"'{reader.GetString()}' is not a valid {typeof(TId).Name}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}

/// <summary>The characters that ids are made of.</summary>
internal static class IdText
{
    private const string Base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private static readonly SearchValues<char> Base32Characters = SearchValues.Create(Base32Alphabet);

    /// <summary>Lower-case base 32 without padding (RFC 4648 alphabet); 16 bytes become 26 characters.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[((bytes.Length * 8) + 4) / 5];
        int buffer = 0, bits = 0, at = 0;
        foreach (var b in bytes)
        {
            buffer = ((buffer & 0xFFF) << 8) | b;
            bits += 8;
            while (bits >= 5)
            {
                bits -= 5;
                text[at++] = Base32Alphabet[(buffer >> bits) & 31];
            }
        }

        if (bits > 0)
        {
            text[at++] = Base32Alphabet[(buffer << (5 - bits)) & 31];
        }

        return new string(text[..at]);
    }

    /// <summary>Whether the text is <paramref name="prefix"/> and 26 base-32 characters.</summary>
    public static bool IsPrefixed([NotNullWhen(true)] string? text, string prefix) =>
        text is not null
        && text.Length == prefix.Length + 26
        && text.StartsWith(prefix, StringComparison.Ordinal)
        && text.AsSpan(prefix.Length).IndexOfAnyExcept(Base32Characters) < 0;

    /// <summary>Whether the text is 1 to <paramref name="max"/> letters, digits, '.', '_' or '-', starting with a letter or digit.</summary>
    public static bool IsName([NotNullWhen(true)] string? text, int max) =>
        text is { Length: > 0 }
        && text.Length <= max
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>The error of a failed <c>Parse</c>, which names the value and the form expected.</summary>
    public static FormatException Malformed(string? text, string what, string form) =>
        new($"'{text}' is not a valid {what}; expected {form}.");
}
