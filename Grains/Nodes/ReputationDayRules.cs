namespace PiGrid.Grains.Nodes;

/// <summary>A node's reputation over time: one point a day, the newest of the day standing for it.</summary>
internal static class ReputationDayRules
{
    /// <summary>How many days are remembered.</summary>
    public const int DaysMax = 90;

    /// <summary>With what is known now; a point of the same day (UTC) is replaced.</summary>
    /// <param name="days">The days so far, oldest first.</param>
    /// <param name="reputation">What is known; null for an operator node, of which nothing is remembered.</param>
    /// <param name="now">The instant.</param>
    public static IReadOnlyList<ReputationDay> Note(IReadOnlyList<ReputationDay> days, NodeReputation? reputation, DateTimeOffset now)
    {
        if (reputation is null)
        {
            return days;
        }

        var today = new ReputationDay(now, reputation.Tier, reputation.Passed, reputation.Wrong, reputation.Errors, reputation.Timeouts);
        var before = days.Where(day => day.At.UtcDateTime.Date < now.UtcDateTime.Date).ToArray();
        return before.Skip(Math.Max(0, before.Length - DaysMax + 1)).Append(today).ToArray();
    }

    /// <summary>Whether the newest point says something else than what is known now: then it is worth a write of its own.</summary>
    public static bool IsNews(IReadOnlyList<ReputationDay> days, NodeReputation? reputation) =>
        reputation is not null && days.Count > 0 && days[^1].Tier != reputation.Tier;
}
