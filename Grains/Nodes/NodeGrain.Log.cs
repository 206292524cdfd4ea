using Microsoft.Extensions.Logging;
using PiGrid.Protocol;

namespace PiGrid.Grains.Nodes;

internal sealed partial class NodeGrain
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} of owner {Owner} enrolled (operator node: {Operator})")]
    private partial void LogEnrolled(NodeId node, OwnerId owner, bool @operator);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} connected with session {Session} and {Leases} leases")]
    private partial void LogConnected(NodeId node, Guid session, int leases);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} sent an invalid result under lease {Lease}: {Problem}")]
    private partial void LogInvalid(NodeId node, LeaseId lease, string problem);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Node {Node}, lease {Lease}: {Verdict} {Reason}")]
    private partial void LogVerdict(NodeId node, LeaseId lease, Verdict verdict, string? reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Node {Node}, lease {Lease}: renewed to {Deadline}")]
    private partial void LogRenewed(NodeId node, LeaseId lease, DateTimeOffset deadline);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} cannot be reached through its session {Session}")]
    private partial void LogUnreachable(Exception e, NodeId node, Guid session);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} is silent since {SeenAt} and suspected: its shards ask for other replicas")]
    private partial void LogSuspected(NodeId node, DateTimeOffset? seenAt);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} is silent since {SeenAt} and counts as disconnected")]
    private partial void LogSilent(NodeId node, DateTimeOffset? seenAt);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node}, lease {Lease} of shard {Shard}: a check says wrong: {Wrong}, {Detail}")]
    private partial void LogEvidence(NodeId node, LeaseId lease, ShardId shard, bool wrong, string? detail);
}
