using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PiGrid;

/// <summary>
/// The one byte form of a document that is hashed or signed: the JSON Canonicalization Scheme (RFC 8785). Members sorted by their
/// UTF-16 code units, no white space, shortest numbers as ECMAScript prints them, minimal escapes, UTF-8.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The canonical bytes of <paramref name="value"/> as <see cref="GridJson.Wire"/> writes it.</summary>
    public static byte[] Serialize<T>(T value)
    {
        using var document = JsonSerializer.SerializeToDocument(value, GridJson.Wire);
        return Canonicalize(document.RootElement);
    }

    /// <summary>The digest of <see cref="Serialize{T}"/>.</summary>
    public static Sha256 Digest<T>(T value) => Sha256.Of(Serialize(value));

    /// <summary>The canonical bytes of a parsed document.</summary>
    /// <exception cref="ArgumentException">A number is not a finite IEEE 754 double.</exception>
    public static byte[] Canonicalize(JsonElement element)
    {
        var output = new ArrayBufferWriter<byte>(256);
        Write(element, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement element, ArrayBufferWriter<byte> output)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, output);
                break;
            case JsonValueKind.Array:
                var first = true;
                Raw(output, '[');
                foreach (var item in element.EnumerateArray())
                {
                    Separate(output, ref first);
                    Write(item, output);
                }

                Raw(output, ']');
                break;
            case JsonValueKind.String:
                WriteString(element.GetString()!, output);
                break;
            case JsonValueKind.Number:
                output.Write(Encoding.ASCII.GetBytes(FormatNumber(element.GetDouble())));
                break;
            default:
                output.Write(Encoding.ASCII.GetBytes(element.GetRawText()));
                break;
        }
    }

    private static void WriteObject(JsonElement element, ArrayBufferWriter<byte> output)
    {
        var first = true;
        Raw(output, '{');
        foreach (var member in element.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            Separate(output, ref first);
            WriteString(member.Name, output);
            Raw(output, ':');
            Write(member.Value, output);
        }

        Raw(output, '}');
    }

    private static void WriteString(string text, ArrayBufferWriter<byte> output)
    {
        var escaped = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\b' => escaped.Append("\\b"),
                '\f' => escaped.Append("\\f"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => escaped.Append(c),
            };
        }

        output.Write(Encoding.UTF8.GetBytes(escaped.Append('"').ToString()));
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

        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var mantissa = shortest[0];
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        var point = (dot < 0 ? mantissa.Length : dot)
            + (shortest.Length > 1 ? int.Parse(shortest[1], CultureInfo.InvariantCulture) : 0)
            - (digits.Length - significant.Length);
        return (value < 0 ? "-" : "") + Layout(significant.TrimEnd('0'), point);
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

    private static void Separate(ArrayBufferWriter<byte> output, ref bool first)
    {
        if (!first)
        {
            Raw(output, ',');
        }

        first = false;
    }

    private static void Raw(ArrayBufferWriter<byte> output, char c)
    {
        output.GetSpan(1)[0] = (byte)c;
        output.Advance(1);
    }
}
