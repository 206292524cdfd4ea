using System.Text.Json;

namespace PiGrid.Silo.Api.Inference;

/// <summary>Steps of a reader through a request, each with the error that names the field.</summary>
internal static class JsonCursor
{
    /// <summary>Steps to a value, which must be the beginning of an object or array.</summary>
    public static void Begin(ref Utf8JsonReader reader, JsonTokenType token, string field)
    {
        reader.Read();
        Expect(ref reader, token, field);
    }

    /// <summary>Whether the value at which the reader stands is of that kind; an error when it is not.</summary>
    public static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string field)
    {
        if (reader.TokenType != token)
        {
            throw InferenceException.Invalid(field, $"must be {Words.Of(token)}, not {Words.Of(reader.TokenType)}.");
        }
    }

    /// <summary>Steps to the name of the next member; false at the object's end.</summary>
    public static bool TryMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Steps over a member's value.</summary>
    public static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Steps to a text.</summary>
    public static string Text(ref Utf8JsonReader reader, string field, int lengthMax)
    {
        reader.Read();
        Expect(ref reader, JsonTokenType.String, field);

        // Escapes make a text longer than it is, by six at most.
        if (reader.ValueSpan.Length <= lengthMax * 6L && reader.GetString() is { } text && text.Length <= lengthMax)
        {
            return text;
        }

        throw InferenceException.Invalid(field, $"has over {lengthMax} characters.");
    }

    /// <summary>The field's name; an error when it was there before.</summary>
    public static string Once(object? before, string field) =>
        before is null ? field : throw InferenceException.Invalid(field, "is there twice.");
}
