using System.Text.Json;
using PiGrid.NodeAgent.Identity;

namespace PiGrid.NodeAgent.Preferences;

/// <summary>The volunteer's file: JSON with comments, written with its explanations on the first run, read again when it changes.</summary>
internal sealed partial class PreferencesFile
{
    private static readonly JsonSerializerOptions Options = new(GridJson.Document)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private readonly string _path;
    private readonly ILogger _logger;
    private (DateTime WrittenAt, long Length) _stamp;

    private PreferencesFile(string path, ILogger logger, VolunteerPreferences current, (DateTime WrittenAt, long Length) stamp) =>
        (_path, _logger, Current, _stamp) = (path, logger, current, stamp);

    /// <summary>The last good preferences.</summary>
    public VolunteerPreferences Current { get; private set; }

    /// <summary>Opens the file, writing one that allows everything but GPUs when there is none.</summary>
    /// <exception cref="AgentException">It is not valid; the message names every field.</exception>
    public static PreferencesFile Open(string path, ILogger logger)
    {
        if (!File.Exists(path))
        {
            AgentFolder.WritePrivate(path, Template());
        }

        try
        {
            var stamp = StampOf(path);
            return Read(File.ReadAllBytes(path), out var problem) is { } preferences
                ? new(path, logger, preferences, stamp)
                : throw new AgentException(ExitCode.BadUsage, $"The preferences '{path}' are not valid: {problem}. Correct them, or remove the file to get a new one.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(ExitCode.BadUsage, $"The preferences '{path}' cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads the file again if it changed. What is not valid is logged and changes nothing.</summary>
    /// <returns>Whether the preferences changed.</returns>
    public bool Refresh()
    {
        try
        {
            var stamp = StampOf(_path);
            if (stamp == _stamp)
            {
                return false;
            }

            _stamp = stamp;
            if (Read(File.ReadAllBytes(_path), out var problem) is { } preferences)
            {
                Current = preferences;
                Reread(_path);
                return true;
            }

            NotValid(_path, problem!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotValid(_path, e.Message);
        }

        return false;
    }

    /// <summary>Reads preferences; null with what is wrong.</summary>
    public static VolunteerPreferences? Read(ReadOnlySpan<byte> utf8, out string? problem)
    {
        try
        {
            var preferences = JsonSerializer.Deserialize<VolunteerPreferences>(utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8, Options);
            var errors = preferences is null ? [new FieldError("$", "empty", "is null")] : PreferencesValidator.Validate(preferences);
            problem = errors.Count == 0 ? null : string.Join("; ", errors.Select(e => $"{e.Field}: {e.Message}"));
            return errors.Count == 0 ? preferences : null;
        }
        catch (JsonException e)
        {
            problem = $"{e.Path ?? "$"}, line {e.LineNumber + 1}: {e.Message}";
            return null;
        }
    }

    /// <summary>The file of a new data folder.</summary>
    public static byte[] Template()
    {
        using var stream = typeof(PreferencesFile).Assembly.GetManifestResourceStream("preferences.template.json")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static (DateTime WrittenAt, long Length) StampOf(string path)
    {
        var info = new FileInfo(path);
        return (info.LastWriteTimeUtc, info.Length);
    }

    [LoggerMessage(30, LogLevel.Information, "Read the preferences {Path} again")]
    private partial void Reread(string path);

    [LoggerMessage(31, LogLevel.Error, "The preferences {Path} are not valid, so the last good ones stay in force: {Problem}")]
    private partial void NotValid(string path, string problem);
}
