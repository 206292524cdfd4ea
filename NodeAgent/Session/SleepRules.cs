namespace PiGrid.NodeAgent.Session;

/// <summary>Whether the machine slept: then the socket looks open on this side and was given up long ago on the other.</summary>
internal static class SleepRules
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(20);

    /// <summary>Whether so much more time passed by the clock on the wall than was waited for that the machine must have slept.</summary>
    public static bool Slept(TimeSpan passed, TimeSpan waited) => passed > (waited * 3) + Least;
}
