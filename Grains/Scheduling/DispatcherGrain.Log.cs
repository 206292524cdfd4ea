using Microsoft.Extensions.Logging;
using Orleans;

namespace PiGrid.Grains.Scheduling;

internal sealed partial class DispatcherGrain
{
    [LoggerMessage(LogLevel.Debug, "Node {Node} did not take a replica of shard {Shard}: {Reason}")]
    private partial void LogRefused(NodeId node, ShardId shard, string reason);

    [LoggerMessage(LogLevel.Warning, "Node {Node} could not be given a replica of shard {Shard}; it waits again")]
    private partial void LogNotAsked(Exception exception, NodeId node, ShardId shard);

    [LoggerMessage(LogLevel.Warning, "The nodes listed in {Key} could not be asked for their offers")]
    private partial void LogListUnread(Exception exception, string key);

    [LoggerMessage(LogLevel.Information, "The dispatcher started and asked {Nodes} nodes for their offers")]
    private partial void LogStarted(int nodes);

    [LoggerMessage(LogLevel.Information, "The dispatcher stops ({Reason}); its {Waiting} waiting replicas are asked for again by their shards")]
    private partial void LogStopped(DeactivationReasonCode reason, int waiting);
}
