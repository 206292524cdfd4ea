using System.Text.Json;

namespace PiGrid.Protocol;

/// <summary>The type that a message says it has, on either side of a session.</summary>
public static class MessageType
{
    /// <summary>The member <c>type</c> of a JSON object, read no further than needed; null when there is none, or the bytes are no object.</summary>
    /// <exception cref="JsonException">The bytes before it are no JSON.</exception>
    /// <exception cref="InvalidOperationException">It holds half of a surrogate pair.</exception>
    public static string? Of(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = GridJson.Wire.MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType)
            {
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }

            reader.Skip();
        }

        return null;
    }
}
