namespace PiGrid.Silo.Startup;

/// <summary>How a silo of the cluster stands, as far as its work is concerned.</summary>
internal enum MemberState
{
    /// <summary>It is on its way in, and has no grains yet.</summary>
    Joining,

    /// <summary>It serves.</summary>
    Active,

    /// <summary>It stops, and its grains go.</summary>
    Leaving,

    /// <summary>It is dead or has stopped.</summary>
    Gone,
}

/// <summary>
/// When a silo leaves the cluster, its grains are gone until somebody calls them. One of the silos that stay wakes all that is open: the one that is first
/// by address, so that it is done once. When that one goes, too, before it is done, its own departure is the next one's cause.
/// </summary>
internal static class DepartureRules
{
    /// <summary>The silos whose departure this silo is to act upon.</summary>
    /// <param name="before">How all silos stood when this was last asked.</param>
    /// <param name="now">How they stand now.</param>
    /// <param name="self">This silo.</param>
    public static IReadOnlyList<T> ToResume<T>(IReadOnlyDictionary<T, MemberState> before, IReadOnlyDictionary<T, MemberState> now, T self)
        where T : IComparable<T>
    {
        var active = now.Where(m => m.Value == MemberState.Active).Select(m => m.Key).ToArray();
        return active.Length == 0 || active.Min()!.CompareTo(self) != 0
            ? []
            : [.. now.Where(m => m.Value == MemberState.Gone && before.TryGetValue(m.Key, out var was) && was is MemberState.Active or MemberState.Leaving).Select(m => m.Key).Order()];
    }
}
