namespace PiGrid.Tests.Simulation;

/// <summary>When volunteers' machines are on.</summary>
internal enum AvailabilityClass
{
    /// <summary>Always.</summary>
    Always,

    /// <summary>As published traces: on for Gamma(0.357, 43.652 h), off for an exponential time of 1 / 0.15 h.</summary>
    Traced,

    /// <summary>From about 22 h to about 6 h UTC.</summary>
    Nights,
}

/// <summary>Draws how long a machine is on and off.</summary>
internal static class Availability
{
    private const double Shape = 0.357, ScaleHours = 43.652, OffRatePerHour = 0.15;

    /// <summary>The share of the time that a traced machine is on.</summary>
    public const double TracedDuty = Shape * ScaleHours / ((Shape * ScaleHours) + (1 / OffRatePerHour));

    /// <summary>How long a machine that comes on now stays on.</summary>
    public static TimeSpan On(AvailabilityClass kind, SimRandom random, DateTimeOffset now) => kind switch
    {
        AvailabilityClass.Always => TimeSpan.FromDays(3650),
        AvailabilityClass.Traced => TimeSpan.FromHours(random.Gamma(Shape, ScaleHours)),
        AvailabilityClass.Nights => Until(now, 6) + Jitter(random),
    };

    /// <summary>How long a machine that goes off now stays off.</summary>
    public static TimeSpan Off(AvailabilityClass kind, SimRandom random, DateTimeOffset now) => kind switch
    {
        AvailabilityClass.Always => TimeSpan.Zero,
        AvailabilityClass.Traced => TimeSpan.FromHours(-Math.Log(1 - random.Unit()) / OffRatePerHour),
        AvailabilityClass.Nights => Until(now, 22) + Jitter(random),
    };

    /// <summary>Whether a machine is on at the beginning.</summary>
    public static bool StartsOn(AvailabilityClass kind, SimRandom random, DateTimeOffset now) => kind switch
    {
        AvailabilityClass.Always => true,
        AvailabilityClass.Traced => random.Chance(TracedDuty),
        AvailabilityClass.Nights => now.Hour is < 6 or >= 22,
    };

    // Up to 40 minutes later: nobody is on time.
    private static TimeSpan Jitter(SimRandom random) => TimeSpan.FromMinutes(40 * random.Unit());

    private static TimeSpan Until(DateTimeOffset now, int hour)
    {
        var at = new DateTimeOffset(now.Date, TimeSpan.Zero).AddHours(hour);
        return (at > now ? at : at.AddDays(1)) - now;
    }
}
