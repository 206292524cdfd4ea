namespace PiGrid.Client.Demo;

/// <summary>The project's own small detector and pictures, which lie beside the program.</summary>
internal static class DemoBundle
{
    private static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "demo");

    /// <summary>The bundled model's manifest.</summary>
    public static string Manifest { get; } = Path.Combine(Folder, "manifest.json");

    /// <summary>The bundled pictures.</summary>
    public static IReadOnlyList<string> Pictures => Directory.Exists(Path.Combine(Folder, "pictures"))
        ? Directory.GetFiles(Path.Combine(Folder, "pictures"))
            .Where(path => Path.GetExtension(path) is ".jpg" or ".png").Order(StringComparer.Ordinal).ToArray()
        : [];
}
