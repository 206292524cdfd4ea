using System.Text.Json;

namespace PiGrid.Grains.Storage.Backup;

/// <summary>States and reminders as JSON lines: readable by people and by every store.</summary>
internal static class BackupLines
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 256 };

    /// <summary>Appends a state's line.</summary>
    /// <exception cref="BackupException">The state is no JSON: the store has damaged it.</exception>
    public static void Write(Stream lines, StoredState state)
    {
        try
        {
            using (var json = new Utf8JsonWriter(lines, new JsonWriterOptions { MaxDepth = 256 }))
            {
                json.WriteStartObject();
                json.WriteString("grain", state.Grain);
                json.WriteString("name", state.Name);
                json.WriteString("etag", state.Etag);
                json.WriteNumber("format", state.Format);
                json.WritePropertyName("state");
                json.WriteRawValue(state.Payload);
                json.WriteEndObject();
            }

            lines.WriteByte((byte)'\n');
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new BackupException(
                $"State '{state.Name}' of {state.Grain} is damaged ({e.Message}): restore the grid from an older backup. Nothing was written.", e);
        }
    }

    /// <summary>A state from its line.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static StoredState ReadState(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line, Deep);
        var root = document.RootElement;
        return new StoredState(
            Text(root, "grain"),
            Text(root, "name"),
            Text(root, "etag"),
            root.GetProperty("format").GetInt32(),
            System.Text.Encoding.UTF8.GetBytes(root.GetProperty("state").GetRawText()));
    }

    /// <summary>Appends a reminder's line.</summary>
    public static void Write(Stream lines, StoredReminder reminder)
    {
        JsonSerializer.Serialize(lines, reminder, GridJson.Wire);
        lines.WriteByte((byte)'\n');
    }

    /// <summary>A reminder from its line.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static StoredReminder ReadReminder(ReadOnlyMemory<byte> line) =>
        JsonSerializer.Deserialize<StoredReminder>(line.Span, GridJson.Wire) ?? throw new JsonException("A line is empty.");

    /// <summary>The lines of an entry's bytes.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var length = bytes.Span.IndexOf((byte)'\n');
            yield return length < 0 ? bytes : bytes[..length];
            bytes = length < 0 ? default : bytes[(length + 1)..];
        }
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? throw new JsonException($"'{name}' is null.");
}
