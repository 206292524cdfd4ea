using System.Globalization;

namespace PiGrid.Silo.Api;

/// <summary>Values in paths and queries.</summary>
internal static class RouteValues
{
    /// <summary>An id in the path; null when it is malformed, and then the error is answered already.</summary>
    public static async ValueTask<T?> IdAsync<T>(HttpContext context, string name)
        where T : struct, ITextId<T>
    {
        var text = context.Request.RouteValues[name] as string;
        if (T.TryParse(text, null, out var id))
        {
            return id;
        }

        await Answers.ErrorAsync(context, 400, "invalid", $"'{text}' in the path is not a valid {typeof(T).Name}.");
        return null;
    }

    /// <summary>A whole number in the query: the default when it is absent, clamped to the range.</summary>
    public static long Number(HttpContext context, string name, long absent, long min, long max) =>
        long.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Clamp(number, min, max)
            : absent;

    /// <summary>The time in <c>wait_ms</c>, at most <paramref name="max"/>.</summary>
    public static TimeSpan Wait(HttpContext context, TimeSpan max) =>
        TimeSpan.FromMilliseconds(Number(context, "wait_ms", 0, 0, (long)max.TotalMilliseconds));
}
