namespace PiGrid.Grains.Storage;

/// <summary>Names that grains and hosts share.</summary>
public static class GridStorage
{
    /// <summary>The storage provider of every grain state: <c>[PersistentState("job", GridStorage.Name)]</c>.</summary>
    public const string Name = "grid";
}
