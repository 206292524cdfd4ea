using System.Globalization;

namespace PiGrid.NodeAgent.Preferences;

/// <summary>A span of the day in local time, such as 22:00-07:00; it may pass midnight.</summary>
/// <param name="From">Its first minute.</param>
/// <param name="To">The minute after its last.</param>
internal readonly record struct HoursOfDay(TimeOnly From, TimeOnly To)
{
    /// <summary>Reads <c>HH:MM-HH:MM</c>; null when it is none. The end may be 24:00.</summary>
    public static HoursOfDay? Parse(string? text)
    {
        var parts = text?.Split('-');
        return parts is [var from, var to] && ParseTime(from) is { } start && ParseTime(to == "24:00" ? "00:00" : to) is { } end && (start != end || to == "24:00")
            ? new HoursOfDay(start, end)
            : null;
    }

    /// <summary>Whether the time lies in it.</summary>
    public bool Contains(TimeOnly time) => From == To || time.IsBetween(From, To);

    private static TimeOnly? ParseTime(string text) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;
}
