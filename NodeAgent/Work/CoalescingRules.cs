namespace PiGrid.NodeAgent.Work;

/// <summary>How long the output of a call may wait for another to leave the node with it.</summary>
internal static class CoalescingRules
{
    /// <summary>The longest wait when nothing else is set.</summary>
    public static readonly TimeSpan WaitMaxAbsent = TimeSpan.FromMilliseconds(15);

    // Timers are hardly finer, and runs that are as short leave the caches to what follows them.
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// The longest wait. Half of what the run took: with two workers of one model, either another run ends within that, or this worker's next ends within that after another's.
    /// None where no call waits for a slot: there is no next, and its caller is all that counts.
    /// </summary>
    /// <param name="ranMs">How long the model ran in milliseconds, as the worker says.</param>
    /// <param name="isCrowded">Whether others wait for a slot while several are taken.</param>
    /// <param name="waitMax">The most that is allowed; zero for none.</param>
    public static TimeSpan WaitMax(double ranMs, bool isCrowded, TimeSpan waitMax)
    {
        var wait = ranMs / 2 < waitMax.TotalMilliseconds ? TimeSpan.FromMilliseconds(Math.Max(0, ranMs / 2)) : waitMax;
        return isCrowded && wait >= WaitMin ? wait : TimeSpan.Zero;
    }
}
