using System.CommandLine;
using System.Text.Json;
using PiGrid.Api;

namespace PiGrid.Client.Cli;

/// <summary>The options that every command takes: which grid, which key, which form of answer.</summary>
internal static class GlobalOptions
{
    /// <summary>The grid's address.</summary>
    public static readonly Option<string?> Url = new("--url")
    {
        Description = "The grid's address, such as http://127.0.0.1:5000 (or PIGRID_URL).",
        Recursive = true,
    };

    /// <summary>A file with the API key.</summary>
    public static readonly Option<string?> KeyFile = new("--key-file")
    {
        Description = "A file that holds the API key alone (or PIGRID_KEY holds the key itself).",
        Recursive = true,
    };

    /// <summary>A data folder's bootstrap.json.</summary>
    public static readonly Option<string?> BootstrapFile = new("--bootstrap")
    {
        Description = "The bootstrap.json of a silo's data folder: names both address and operator key.",
        Recursive = true,
    };

    /// <summary>One JSON object instead of tables.</summary>
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Answer with one JSON object for programs; short for --format json.",
        Recursive = true,
    };

    /// <summary>The form of the answer. Not recursive: a command may have forms of its own.</summary>
    public static readonly Option<OutputFormat> Format = MakeFormat();

    /// <summary>The form of the answer that a command line asks for.</summary>
    public static OutputFormat FormatOf(ParseResult parsed) => parsed.GetValue(Json) ? OutputFormat.Json : parsed.GetValue(Format);

    /// <summary>The same of one that could not be parsed.</summary>
    public static OutputFormat FormatOf(string[] arguments)
    {
        var at = Array.FindIndex(arguments, a => a.StartsWith("--format", StringComparison.Ordinal));
        var word = at < 0 ? "" : arguments[at].Split('=', 2) is [_, var value] ? value : arguments.ElementAtOrDefault(at + 1);
        return arguments.Contains("--json") || word == "json" ? OutputFormat.Json : word == "ndjson" ? OutputFormat.Ndjson : OutputFormat.Table;
    }

    /// <summary>A client of the grid that the command line, the environment or a bootstrap file names.</summary>
    /// <exception cref="UsageException">None is named, or what is named cannot be read.</exception>
    public static GridClient Connect(ParseResult parsed)
    {
        var bootstrap = parsed.GetValue(BootstrapFile) is { } file ? ReadBootstrap(file) : null;
        var url = parsed.GetValue(Url) ?? bootstrap?.Url ?? Environment("PIGRID_URL")
            ?? throw new UsageException("No grid is named: give --url, --bootstrap, or set PIGRID_URL.");
        var key = (parsed.GetValue(KeyFile) is { } keyFile ? ReadText("--key-file", keyFile).Trim() : null)
            ?? bootstrap?.OperatorKey ?? Environment("PIGRID_KEY");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var grid) || grid.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"'{url}' is no address of a grid: expected http://HOST:PORT or https://HOST.");
        }

        return key is null || key.All(c => c is > ' ' and < (char)127)
            ? new GridClient(grid, key)
            : throw new UsageException("The API key holds characters that no key has: give the key alone, on one line.");
    }

    /// <summary>Reads a file that an option names.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static string ReadText(string option, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option} '{path}' cannot be read: {e.Message}");
        }
    }

    private static Option<OutputFormat> MakeFormat()
    {
        var format = new Option<OutputFormat>("--format") { Description = "Answer with tables for people (table), one JSON object (json), or a JSON object a line (ndjson)." };
        format.AcceptOnlyFromAmong([.. Enum.GetValues<OutputFormat>().Select(Tables.Word)]);
        return format;
    }

    private static Bootstrap ReadBootstrap(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Bootstrap>(ReadText("--bootstrap", path), GridJson.Wire) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new UsageException($"--bootstrap '{path}' is not a silo's bootstrap.json: {e.Message}");
        }
    }

    private static string? Environment(string name) =>
        System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
