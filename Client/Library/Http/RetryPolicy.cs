using System.Net;

namespace PiGrid.Client.Http;

/// <summary>
/// Whether and when a call is sent again. Only safe calls are: reads, uploads (named by their digest), and submissions and calls that carry
/// their own id or key. A pure function of what happened, so that a test can state it as a table.
/// </summary>
internal static class RetryPolicy
{
    /// <summary>Whether an answer with this status may be better a moment later.</summary>
    public static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>The pause before the next try; null when there is none.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="failed">Tries that failed so far, at least 1.</param>
    /// <param name="safe">Whether sending the call twice is harmless.</param>
    /// <param name="asked">What the grid asked for in <c>Retry-After</c>.</param>
    public static TimeSpan? PauseBefore(GridClientOptions options, int failed, bool safe, TimeSpan? asked)
    {
        if (!safe || failed > options.RetriesMax)
        {
            return null;
        }

        var doubled = options.RetryPause * Math.Pow(2, failed - 1);
        var pause = asked is { } a && a > doubled ? a : doubled;
        return pause < options.RetryPauseMax ? pause : options.RetryPauseMax;
    }
}
