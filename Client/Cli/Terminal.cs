using System.Text.Json;
using PiGrid.Api;
using Spectre.Console;

namespace PiGrid.Client.Cli;

/// <summary>
/// Where a command's answer goes: tables for people, or JSON for programs. Standard output carries the answer alone; progress and
/// errors go to standard error.
/// </summary>
internal sealed class Terminal
{
    private const int WidthWhenRedirected = 160;

    /// <summary>A terminal.</summary>
    /// <param name="format">The form of the answer.</param>
    public Terminal(OutputFormat format)
    {
        Format = format;
        Out = Make(Console.Out, Console.IsOutputRedirected);
        Error = Make(Console.Error, Console.IsErrorRedirected);
    }

    /// <summary>The form of the answer.</summary>
    public OutputFormat Format { get; }

    /// <summary>Whether a program reads the answer.</summary>
    public bool Json => Format != OutputFormat.Table;

    /// <summary>Standard output, for people.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>Standard error, for people.</summary>
    public IAnsiConsole Error { get; }

    /// <summary>Whether a person watches standard output: then tables may be redrawn.</summary>
    public bool IsLive => !Json && !Console.IsOutputRedirected && Out.Profile.Capabilities.Ansi;

    /// <summary>Writes the answer: the object for programs, or what <paramref name="people"/> writes.</summary>
    public void Answer<T>(T answer, Action<IAnsiConsole> people)
    {
        if (Json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(answer, GridJson.Wire));
        }
        else
        {
            people(Out);
        }
    }

    /// <summary>Writes a list: for programs as the only member of an object, or an element a line.</summary>
    /// <param name="name">What the elements are.</param>
    /// <param name="items">The elements.</param>
    /// <param name="people">Writes it for people.</param>
    public void List<T>(string name, IReadOnlyList<T> items, Action<IAnsiConsole> people)
    {
        if (Format != OutputFormat.Ndjson)
        {
            Answer(new Dictionary<string, IReadOnlyList<T>> { [name] = items }, people);
            return;
        }

        foreach (var item in items)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(item, GridJson.Wire));
        }
    }

    /// <summary>Says what happens, to people alone.</summary>
    public void Say(string text)
    {
        if (!Json)
        {
            Console.Error.WriteLine(text);
        }
    }

    /// <summary>Writes an error: for programs as the object that the grid's own refusals have.</summary>
    public void Fail(string code, string message, IReadOnlyList<FieldError> fields)
    {
        if (Json)
        {
            var error = new ApiError(new ApiErrorDetail { Code = code, Message = message, Fields = fields });
            Console.Out.WriteLine(JsonSerializer.Serialize(error, GridJson.Wire));
        }

        Console.Error.WriteLine($"pigrid: {message}");
        foreach (var field in fields)
        {
            Console.Error.WriteLine($"  {field.Field}: {field.Message}");
        }
    }

    private static IAnsiConsole Make(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
        });
        if (redirected)
        {
            console.Profile.Width = WidthWhenRedirected;
        }

        return console;
    }
}
