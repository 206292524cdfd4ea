using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace PiGrid.Client.Cli;

/// <summary>How tables look: the same everywhere, and nothing in them is read as mark-up.</summary>
internal static class Tables
{
    /// <summary>An empty table with these columns.</summary>
    public static Table Create(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }

        return table;
    }

    /// <summary>A table of names and values, without a header.</summary>
    public static Table Facts() => Create("", "").HideHeaders();

    /// <summary>Adds a row of plain text.</summary>
    public static void Row(this Table table, params string?[] values) => table.AddRow(values.Select(v => new Text(v ?? "")));

    /// <summary>An instant in universal time, to the second.</summary>
    public static string At(DateTimeOffset? at) => at?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A member of an enum as the grid's JSON writes it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>A whole number.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
