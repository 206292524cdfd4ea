namespace PiGrid.Grains.Scheduling;

/// <summary>
/// Which dispatcher serves what. One serves all for now: matching takes microseconds, and every node is then offered every job. A split by
/// model and region would change this file alone; a node would offer itself to each partition that it could serve.
/// </summary>
public static class DispatcherPartitions
{
    private const string Only = "all";

    /// <summary>The keys of all dispatchers.</summary>
    public static IReadOnlyList<string> All { get; } = [Only];

    /// <summary>The key of the dispatcher that places replicas of this model.</summary>
    public static string KeyOf(ModelRef model)
    {
        _ = model;
        return Only;
    }

    /// <summary>The keys of the dispatchers to which a node of this region offers itself.</summary>
    public static IReadOnlyList<string> KeysOf(string region)
    {
        _ = region;
        return All;
    }
}
