using System.Diagnostics;
using PiGrid.Grains.Telemetry;
using PiGrid.Protocol;

namespace PiGrid.Grains.Nodes;

// The spans of the node's leases whose call or shard is traced.
internal sealed partial class NodeGrain
{
    private Dictionary<LeaseId, Activity>? _spans;

    /// <summary>Begins the span of a lease.</summary>
    /// <returns>What the node is told; null when nobody listens.</returns>
    private string? OpenSpan(ReplicaRequest request, LeaseId lease)
    {
        if (GridTrace.ForNode() is not { } node)
        {
            return null;
        }

        if (GridTrace.Open(SpanNames.Replica, request.Trace) is { } span)
        {
            span.AddLink(new ActivityLink(node));
            span.SetTag("pigrid.node.id", _id.Value);
            span.SetTag("pigrid.lease.id", lease.Value);
            span.SetTag("pigrid.replica.purpose", GridMetrics.PurposeOf(request));
            (_spans ??= []).Add(lease, span);
        }

        return GridTrace.Write(node);
    }

    /// <summary>Ends the span of a lease whose result is in.</summary>
    private void CloseSpan(ResultStatement statement, DateTimeOffset now)
    {
        if (_spans?.Remove(statement.Lease, out var span) == true)
        {
            GridTrace.AddNodeTimes(span, statement, now);
            span.SetTag("pigrid.outcome", "returned");
            GridTrace.Close(span);
        }
    }

    /// <summary>Ends the spans of leases that are over without a result.</summary>
    private void CloseSpansOfOthers()
    {
        if (_spans is not { Count: > 0 } spans)
        {
            return;
        }

        foreach (var (lease, span) in spans.Where(open => !_presence.Leases.TryGetValue(open.Key, out var held) || !held.TakesSlot).ToArray())
        {
            spans.Remove(lease);
            span.SetTag("pigrid.outcome", "ended");
            GridTrace.Close(span, "the lease ended without a result");
        }
    }
}
