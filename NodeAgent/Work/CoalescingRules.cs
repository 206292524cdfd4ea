namespace PiGrid.NodeAgent.Work;

/// <summary>How long the output of a call may wait for others to leave the node with it.</summary>
internal static class CoalescingRules
{
    /// <summary>How many outputs leave together at most: each more saves less and waits for longer.</summary>
    public const int GroupMax = 4;

    // Shorter runs leave the caches to what follows them.
    private const double RanMinMs = 4;

    /// <summary>The longest wait when nothing else is set.</summary>
    public static readonly TimeSpan WaitMaxAbsent = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The longest wait. One and a half times what the run took: two workers of one model end the other three runs of a group within that.
    /// None where no call waits for a slot: there is no next, and its caller is all that counts.
    /// </summary>
    /// <param name="ranMs">How long the model ran in milliseconds, as the worker says.</param>
    /// <param name="isCrowded">Whether others wait for a slot while several are taken.</param>
    /// <param name="waitMax">The most that is allowed; zero for none.</param>
    public static TimeSpan WaitMax(double ranMs, bool isCrowded, TimeSpan waitMax)
    {
        if (!isCrowded || ranMs < RanMinMs)
        {
            return TimeSpan.Zero;
        }

        return ranMs * 1.5 < waitMax.TotalMilliseconds ? TimeSpan.FromMilliseconds(ranMs * 1.5) : waitMax;
    }
}
