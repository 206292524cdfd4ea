namespace PiGrid.Client.Cli;

/// <summary>The form of a command's answer.</summary>
internal enum OutputFormat
{
    /// <summary>Tables and sentences, for people.</summary>
    Table,

    /// <summary>One JSON object.</summary>
    Json,

    /// <summary>A JSON object a line: one for each element of a list.</summary>
    Ndjson,
}
