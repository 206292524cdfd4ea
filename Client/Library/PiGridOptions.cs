namespace PiGrid.Client;

/// <summary>Which grid a program uses, with which key and limits.</summary>
public sealed class PiGridOptions
{
    /// <summary>The grid's address, such as <c>https://grid.example</c>.</summary>
    public Uri? Grid { get; set; }

    /// <summary>The API key; null for what needs none.</summary>
    public string? Key { get; set; }

    /// <summary>Retries, timeouts and other limits.</summary>
    public GridClientOptions Client { get; set; } = new();
}
