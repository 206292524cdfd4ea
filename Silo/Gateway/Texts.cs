namespace PiGrid.Silo.Gateway;

/// <summary>Texts from nodes, before they go anywhere.</summary>
internal static class Texts
{
    /// <summary>The longest reason that a node may give.</summary>
    public const int ReasonMax = 500;

    /// <summary>The text, cut to a length.</summary>
    public static string Shorten(string text, int max) => text.Length <= max ? text : text[..(max - 3)] + "...";
}
