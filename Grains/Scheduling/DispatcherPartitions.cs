namespace PiGrid.Grains.Scheduling;

/// <summary>
/// How the dispatchers' work is cut. One partition holds all for now; more, by model and region, change nothing but this place.
/// </summary>
public static class DispatcherPartitions
{
    /// <summary>The keys of all partitions; a node offers itself to each of them.</summary>
    public static IReadOnlyList<string> All { get; } = ["all"];

    /// <summary>The key of the partition that places replicas of this model.</summary>
    public static string KeyOf(ModelRef model) => All[0];
}
