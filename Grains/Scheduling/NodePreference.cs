namespace PiGrid.Grains.Scheduling;

/// <summary>
/// The order in which free nodes get work: volunteers before the operator's own; the fewest replicas first, so that work spreads over all
/// nodes before any gets a second one; the fastest first; among equals who has waited longest; then by id, so that the order is total.
/// </summary>
internal sealed class NodePreference : IComparer<BoardNode>
{
    private NodePreference()
    {
    }

    /// <summary>The only one.</summary>
    public static NodePreference Order { get; } = new();

    /// <summary>Negative when <paramref name="x"/> goes before <paramref name="y"/>.</summary>
    public int Compare(BoardNode? x, BoardNode? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var order = CompareLoad(x, y);
        order = order != 0 ? order : y.SpeedClass.CompareTo(x.SpeedClass);
        order = order != 0 ? order : x.GivenAt.CompareTo(y.GivenAt);
        return order != 0 ? order : string.CompareOrdinal(x.Id.Value, y.Id.Value);
    }

    /// <summary>The part of the order that comes before having the model on disk.</summary>
    public static int CompareLoad(BoardNode x, BoardNode y)
    {
        var order = x.IsOperator.CompareTo(y.IsOperator);
        return order != 0 ? order : x.Busy.CompareTo(y.Busy);
    }
}
