using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PiGrid;

/// <summary>
/// Writes the canonical form of what a reader reads. Most tokens are canonical as they stand and are copied; every online call signs, checks and hashes several
/// documents, so a tree of each would cost more than the signatures.
/// </summary>
internal sealed class CanonicalWriter(int sizeExpected)
{
    // Integers of so many characters are exact as doubles, and ECMAScript prints them as they are.
    private const int PlainIntegerMax = 15;

    private byte[] _bytes = new byte[sizeExpected + 16];
    private int _count;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    /// <summary>Writes the value that the reader stands on.</summary>
    public void Write(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader);
                break;
            case JsonTokenType.String:
                WriteText(ref reader);
                break;
            case JsonTokenType.Number:
                WriteNumber(ref reader);
                break;
            default:
                Put(reader.ValueSpan);
                break;
        }
    }

    private void WriteArray(ref Utf8JsonReader reader)
    {
        Put((byte)'[');
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Write(ref reader);
            Put((byte)',');
        }

        End((byte)']');
    }

    // Members are written as they come and put in order afterwards.
    private void WriteObject(ref Utf8JsonReader reader)
    {
        Put((byte)'{');
        var start = _count;
        var members = new List<Member>();
        var isSorted = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var member = new Member(reader.GetString()!, members.Count, _count);
            WriteText(ref reader);
            Put((byte)':');
            reader.Read();
            Write(ref reader);
            Put((byte)',');
            isSorted = isSorted && (members.Count == 0 || string.CompareOrdinal(members[^1].Name, member.Name) <= 0);
            members.Add(member with { End = _count });
        }

        if (!isSorted)
        {
            Sort(members, start);
        }

        End((byte)'}');
    }

    private void Sort(List<Member> members, int start)
    {
        members.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name) is not 0 and var order ? order : a.Index.CompareTo(b.Index));
        var unsorted = _bytes.AsSpan(start, _count - start).ToArray();
        _count = start;
        foreach (var member in members)
        {
            Put(unsorted.AsSpan(member.Start - start, member.End - member.Start));
        }
    }

    private void WriteText(ref Utf8JsonReader reader)
    {
        Put((byte)'"');

        // JSON must escape what the canonical form does, and what is not escaped stays as it is.
        Put(reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(Escape(reader.GetString()!)) : reader.ValueSpan);
        Put((byte)'"');
    }

    private void WriteNumber(ref Utf8JsonReader reader)
    {
        var digits = reader.ValueSpan;
        var isPlain = digits.Length <= PlainIntegerMax && !digits.SequenceEqual("-0"u8) && !digits.ContainsAny((byte)'.', (byte)'e', (byte)'E');
        Put(isPlain ? digits : Encoding.ASCII.GetBytes(CanonicalJson.FormatNumber(reader.GetDouble())));
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
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

        return escaped.ToString();
    }

    // Takes the place of the last item's comma.
    private void End(byte bracket)
    {
        if (_bytes[_count - 1] == ',')
        {
            _count--;
        }

        Put(bracket);
    }

    private void Put(byte character) => Put([character]);

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _count < bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
    }

    private readonly record struct Member(string Name, int Index, int Start)
    {
        public int End { get; init; }
    }
}
