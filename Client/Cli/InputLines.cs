using System.Text.Json;
using PiGrid.Verification;

namespace PiGrid.Client.Cli;

/// <summary>
/// Inputs from JSON lines: each line an object with <c>name</c> (optional) and one of <c>text</c>, <c>file</c> (a path relative to the lines'
/// file), <c>data</c> (base64) or <c>tensors</c>.
/// </summary>
internal static class InputLines
{
    /// <summary>Reads the lines.</summary>
    /// <exception cref="UsageException">A line is invalid; the message names its number.</exception>
    public static List<InputSource> Read(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var lines = GlobalOptions.ReadText("--jsonl", path).Split('\n');
        var inputs = new List<InputSource>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (!string.IsNullOrWhiteSpace(lines[i]))
            {
                inputs.Add(ReadLine(lines[i], folder, $"--jsonl '{path}' line {i + 1}", $"line-{i + 1}"));
            }
        }

        return inputs;
    }

    private static InputSource ReadLine(string line, string folder, string where, string presetName)
    {
        Line parsed;
        try
        {
            parsed = JsonSerializer.Deserialize<Line>(line, GridJson.Document) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{where} is not valid: {e.Message} Expected {{\"name\": ..., and one of \"text\", \"file\", \"data\", \"tensors\"}}.");
        }

        if (new object?[] { parsed.Text, parsed.File, parsed.Data, parsed.Tensors }.Count(v => v is not null) != 1)
        {
            throw new UsageException($"{where} is to have exactly one of \"text\", \"file\", \"data\" and \"tensors\".");
        }

        var name = parsed.Name ?? parsed.File ?? presetName;
        if (parsed.File is not { } file)
        {
            return parsed.Text is { } text
                ? InputSource.FromText(name, text)
                : InputSource.FromBytes(name, parsed.Data ?? JsonSerializer.SerializeToUtf8Bytes(parsed.Tensors, GridJson.Wire));
        }

        var path = Path.Combine(folder, file);
        return File.Exists(path) ? InputSource.FromFile(path, name) : throw new UsageException($"{where} names '{file}', which is no file in {folder}.");
    }

    private sealed record Line
    {
        public string? Name { get; init; }

        public string? Text { get; init; }

        public string? File { get; init; }

        public byte[]? Data { get; init; }

        public IReadOnlyList<TensorData>? Tensors { get; init; }
    }
}
