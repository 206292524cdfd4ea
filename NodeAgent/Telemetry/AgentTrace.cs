using System.Diagnostics;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Telemetry;

/// <summary>
/// The agent's own spans, for volunteers who want to see what their computer does. They continue the context that came with a lease, which is random and another for every
/// lease, so that the volunteer's records and the grid's can be laid side by side by whoever has both. Nothing is made while nobody listens.
/// </summary>
internal static class AgentTrace
{
    /// <summary>The name of the source.</summary>
    public const string Name = "PiGrid.NodeAgent";

    /// <summary>A lease, from its assignment until its result is on disk.</summary>
    public const string Lease = "pigrid.agent.lease";

    /// <summary>The download of a blob.</summary>
    public const string Fetch = "pigrid.agent.fetch";

    /// <summary>One input's way through the worker process.</summary>
    public const string Model = "pigrid.agent.model";

    /// <summary>The result is digested, signed and kept.</summary>
    public const string Sign = "pigrid.agent.sign";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Begins the span of a lease.</summary>
    public static Activity? Begin(Assignment assignment)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        // What cannot be read begins a trace of its own: the grid's word is not needed for that.
        var span = ActivityContext.TryParse(assignment.Trace, null, isRemote: true, out var context)
            ? Source.StartActivity(Lease, ActivityKind.Consumer, context)
            : Source.StartActivity(Lease, ActivityKind.Consumer);
        span?.SetTag("pigrid.lease.id", assignment.Lease.Lease.Id.Value);
        span?.SetTag("pigrid.model", assignment.Order.Work.Model.Value);
        return span;
    }

    /// <summary>Begins a step of the lease that is worked on.</summary>
    public static Activity? Step(string name) => Source.HasListeners() ? Source.StartActivity(name) : null;
}
