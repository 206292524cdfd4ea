namespace PiGrid.NodeAgent.Session;

/// <summary>
/// How long to wait before connecting again: twice as long each time, and anywhere between half and all of that, so that the nodes of a silo that
/// restarts do not come back all at once.
/// </summary>
/// <param name="First">The longest first wait.</param>
/// <param name="Most">The longest wait of all.</param>
internal readonly record struct BackOff(TimeSpan First, TimeSpan Most)
{
    /// <summary>What the agent uses.</summary>
    public static BackOff Default { get; } = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));

    /// <summary>The wait.</summary>
    /// <param name="failures">Attempts that failed in a row, at least 1.</param>
    /// <param name="chance">A random number from 0 to 1.</param>
    public TimeSpan After(int failures, double chance)
    {
        var longest = Math.Min(Most.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)));
        return TimeSpan.FromMilliseconds(longest * (0.5 + (chance / 2)));
    }
}
