namespace Orleans.Embedded;

/// <summary>When reminders tick: at StartAt and every period after it, whatever was missed meanwhile.</summary>
internal static class ReminderSchedule {
    public static DateTime NextAt(ReminderEntry entry, DateTime now) {
        var start = DateTime.SpecifyKind(entry.StartAt, DateTimeKind.Utc);
        var since = now <= start ? 0 : (now - start).Ticks % entry.Period.Ticks;
        return now <= start ? start : since == 0 ? now : Plus(now, entry.Period - TimeSpan.FromTicks(since));
    }

    /// <summary>The first tick after one that was sent: missed ones are skipped, the rhythm stays.</summary>
    public static DateTime FollowingAt(ReminderEntry entry, DateTime sent, DateTime now) =>
        NextAt(entry, now) is var next && next > sent ? next : Plus(sent, entry.Period);

    private static DateTime Plus(DateTime time, TimeSpan span) =>
        DateTime.MaxValue - time < span ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) : time + span;
}
