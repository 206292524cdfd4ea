namespace PiGrid.Grains.Nodes;

/// <summary>
/// Will the node still be there? For each hour of the week the time that it was connected and the times that it dropped out give a rate of
/// dropping out in that hour; the probability of staying is exp(- the rates summed over the time ahead). Most volunteers' machines have a daily
/// rhythm (Javadi et al., "Discovering statistical models of availability in large distributed systems", 2011), which is why the hours are kept
/// apart. An hour of which little is known takes the node's average, and a node of which little is known takes that of volunteers at large.
/// </summary>
internal static class AvailabilityRules
{
    /// <summary>Hours in a week.</summary>
    public const int Hours = 168;

    // What is remembered of one hour of the week: the last four or so.
    private const float HoursRemembered = 4;

    // Published traces: volunteers' machines stay for 15.6 hours on average (Gamma with shape 0.357 and scale 43.652 h).
    private const double RateAtLarge = 1 / 15.6;

    // How many hours of evidence the less specific rate is worth beside the more specific one.
    private const double HoursOfNode = 10;
    private const double HoursOfHour = 1;

    // A history that was not looked at for longer says nothing of the time between.
    private static readonly TimeSpan LookBackMax = TimeSpan.FromDays(28);

    /// <summary>The time since the last look, and no time before <paramref name="since"/>, counts as connected or not.</summary>
    /// <param name="history">The history.</param>
    /// <param name="wasConnected">Whether the node was connected all that time.</param>
    /// <param name="since">Since when somebody could have noticed: when the silo started.</param>
    /// <param name="now">The end of that time.</param>
    public static NodeHistory Look(NodeHistory history, bool wasConnected, DateTimeOffset since, DateTimeOffset now)
    {
        var from = history.Until is { } until && until > since ? until : since;
        from = from < now - LookBackMax ? now - LookBackMax : from;
        if (history.Until is null || from >= now)
        {
            return history with { Until = history.Until is { } known && known > now ? known : now };
        }

        var (all, connected, drops) = (Copy(history.Known), Copy(history.Connected), Copy(history.Drops));
        for (var at = from; at < now;)
        {
            var hour = HourOf(at);
            var next = NextHour(at) < now ? NextHour(at) : now;
            var hours = (float)(next - at).TotalHours;
            all[hour] += hours;
            connected[hour] += wasConnected ? hours : 0;
            if (all[hour] > HoursRemembered)
            {
                var fade = HoursRemembered / all[hour];
                (all[hour], connected[hour], drops[hour]) = (HoursRemembered, connected[hour] * fade, drops[hour] * fade);
            }

            at = next;
        }

        return history with { Known = all, Connected = connected, Drops = drops, Until = now };
    }

    /// <summary>The node dropped out.</summary>
    public static NodeHistory Drop(NodeHistory history, DateTimeOffset now)
    {
        var drops = Copy(history.Drops);
        drops[HourOf(now)]++;
        return history with { Drops = drops };
    }

    /// <summary>The probability that a connected node stays connected all the time from now on.</summary>
    public static double Stays(NodeHistory history, DateTimeOffset now, TimeSpan time)
    {
        var average = (history.Drops.Sum() + (RateAtLarge * HoursOfNode)) / (history.Connected.Sum() + HoursOfNode);
        var expected = 0.0;
        for (var at = now; at < now + time;)
        {
            var hour = HourOf(at);
            var next = NextHour(at) < now + time ? NextHour(at) : now + time;
            var (hourDrops, hourConnected) = history.Drops.Length == 0 || history.Connected.Length == 0
                ? (0f, 0f)
                : (history.Drops[hour], history.Connected[hour]);
            expected += (next - at).TotalHours * (hourDrops + (average * HoursOfHour)) / (hourConnected + HoursOfHour);
            at = next;
        }

        return Math.Exp(-expected);
    }

    /// <summary>The share of each hour of the week that the node was connected; -1 where nothing is known.</summary>
    public static IReadOnlyList<double> Shares(NodeHistory history) => history.Known.Length == 0
        ? []
        : history.Known.Select((known, hour) => known > 0 ? Math.Round(history.Connected[hour] / known, 3) : -1).ToArray();

    /// <summary>The hour of the week of an instant.</summary>
    public static int HourOf(DateTimeOffset at) => ((((int)at.UtcDateTime.DayOfWeek + 6) % 7) * 24) + at.UtcDateTime.Hour;

    private static DateTimeOffset NextHour(DateTimeOffset at) => new DateTimeOffset(at.UtcDateTime.Date.AddHours(at.UtcDateTime.Hour), TimeSpan.Zero).AddHours(1);

    private static float[] Copy(float[] hours) => hours.Length == 0 ? new float[Hours] : (float[])hours.Clone();
}
