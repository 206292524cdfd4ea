using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace PiGrid;

/// <summary>
/// The one byte form of a document that is hashed or signed: the JSON Canonicalization Scheme (RFC 8785). Members sorted by their
/// UTF-16 code units, no white space, shortest numbers as ECMAScript prints them, minimal escapes, UTF-8.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The canonical bytes of <paramref name="value"/> as <see cref="GridJson.Wire"/> writes it.</summary>
    public static byte[] Serialize<T>(T value) => Canonicalize(JsonSerializer.SerializeToUtf8Bytes(value, GridJson.Wire));

    /// <summary>The digest of <see cref="Serialize{T}"/>.</summary>
    public static Sha256 Digest<T>(T value) => Sha256.Of(Serialize(value));

    /// <summary>The canonical bytes of a document.</summary>
    /// <param name="json">One JSON value in UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="ArgumentException">It is not UTF-8, or a number is not a finite IEEE 754 double.</exception>
    public static byte[] Canonicalize(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new ArgumentException("The document is not UTF-8.", nameof(json));
        }

        var reader = new Utf8JsonReader(json);
        var writer = new CanonicalWriter(json.Length);
        reader.Read();
        writer.Write(ref reader);
        if (reader.Read())
        {
            throw new JsonException("Something follows the document.");
        }

        return writer.Written.ToArray();
    }

    /// <summary>A double as ECMAScript's Number::toString prints it (ECMA-262, 6.1.6.1.20).</summary>
    /// <exception cref="ArgumentException">NaN or an infinity.</exception>
    internal static string FormatNumber(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentException("JSON has no NaN and no infinities.", nameof(value));
        }

        if (value == 0)
        {
            return "0";
        }

        // Where .NET needs no exponent, ECMAScript prints the same; where it does, one digit stands before the point.
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        if (!text.Contains('E', StringComparison.Ordinal))
        {
            return text;
        }

        var parts = text.TrimStart('-').Split('E');
        var digits = parts[0].Replace(".", "", StringComparison.Ordinal);
        return (value < 0 ? "-" : "") + Layout(digits, 1 + int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private static string Layout(string digits, int point) => point switch
    {
        > 0 and <= 21 when digits.Length <= point => digits.PadRight(point, '0'),
        > 0 and <= 21 => digits[..point] + "." + digits[point..],
        > -6 and <= 0 => "0." + new string('0', -point) + digits,
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(point > 0 ? "+" : "-")}{Math.Abs(point - 1)}"),
    };
}
