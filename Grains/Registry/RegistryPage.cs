namespace PiGrid.Grains.Registry;

/// <summary>A page as it is stored.</summary>
public sealed class RegistryPage
{
    /// <summary>The entries.</summary>
    public List<RegistryEntry> Entries { get; set; } = [];
}
