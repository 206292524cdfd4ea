using System.Diagnostics;
using PiGrid.Protocol;

namespace PiGrid.Grains.Telemetry;

/// <summary>
/// The silo's spans. A trace goes from grain to grain as the W3C text of its context inside the messages, since a grain's turn is not its caller's; a message without
/// one belongs to no trace, and costs nothing. docs/telemetry.md has the picture.
/// </summary>
public static class GridTrace
{
    /// <summary>The name of the source.</summary>
    public const string Name = "PiGrid";

    /// <summary>Where spans come from.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>The context of the caller's span, to be put into a message; null when nobody listens or the caller is not traced.</summary>
    public static string? Current =>
        Source.HasListeners() && Activity.Current is { Recorded: true, IsAllDataRequested: true, IdFormat: ActivityIdFormat.W3C } span ? span.Id : null;

    /// <summary>Begins a span that is the current one until it is disposed; null without a parent or a listener.</summary>
    /// <param name="name">One of <see cref="SpanNames"/>.</param>
    /// <param name="parent">The context that a message brought.</param>
    /// <param name="from">When it began, if not now.</param>
    public static Activity? Start(string name, string? parent, DateTimeOffset from = default) =>
        parent is not null && Source.HasListeners() && ActivityContext.TryParse(parent, null, out var context)
            ? Source.StartActivity(name, ActivityKind.Internal, context, tags: null, links: null, from)
            : null;

    /// <summary>Begins a span that lasts over many turns of its grain: it is not the current one.</summary>
    /// <param name="name">One of <see cref="SpanNames"/>.</param>
    /// <param name="parent">The context that a message brought.</param>
    /// <param name="from">When it began, if not now.</param>
    public static Activity? Open(string name, string? parent, DateTimeOffset from = default)
    {
        if (parent is null)
        {
            return null;
        }

        var before = Activity.Current;
        var span = Start(name, parent, from);
        Activity.Current = before;
        return span;
    }

    /// <summary>Ends such a span.</summary>
    /// <param name="span">The span; null does nothing.</param>
    /// <param name="problem">Why it failed; null when it did not.</param>
    public static void Close(Activity? span, string? problem = null)
    {
        if (span is null)
        {
            return;
        }

        if (problem is not null)
        {
            span.SetStatus(ActivityStatusCode.Error, problem);
        }

        var before = Activity.Current;
        span.Stop();
        Activity.Current = ReferenceEquals(before, span) ? null : before;
    }

    /// <summary>
    /// A context for a node to continue: fresh and random for every lease, and given with every lease while spans are listened to, whether its call is traced or not. So it
    /// tells a node nothing of who asked, who else works on the same, or what is checked; what it belongs to is known to the silo alone.
    /// </summary>
    public static ActivityContext? ForNode() =>
        Source.HasListeners() ? new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded) : null;

    /// <summary>The text of a context.</summary>
    public static string Write(ActivityContext context) => $"00-{context.TraceId}-{context.SpanId}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";

    /// <summary>Adds what a node says about its own work to the span of its lease. It is believed no further than the lease lasted.</summary>
    public static void AddNodeTimes(Activity replica, ResultStatement statement, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(replica);
        ArgumentNullException.ThrowIfNull(statement);
        var lasted = now - replica.StartTimeUtc;
        var total = Within(statement.TotalMs, lasted);
        if (Past(SpanNames.Node, replica.Id, now - total, now) is { } node)
        {
            node.SetTag("pigrid.provider", statement.Provider);
            Past(SpanNames.Model, node.Id, now - Within(statement.ModelMs, total), now);
        }
    }

    private static TimeSpan Within(double milliseconds, TimeSpan most) =>
        !(milliseconds > 0) || most <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(milliseconds, most.TotalMilliseconds));

    private static Activity? Past(string name, string? parent, DateTimeOffset from, DateTimeOffset to)
    {
        var span = Open(name, parent, from);
        span?.SetTag("pigrid.reported", true);
        span?.SetEndTime(to.UtcDateTime);
        Close(span);
        return span;
    }
}
