using Orleans;

namespace PiGrid.Grains.Shards;

/// <summary>Finds who wants a replica.</summary>
internal static class ReplicaWatchers
{
    /// <summary>The grain of a shard: a job's, or an online call.</summary>
    public static IReplicaWatcher WatcherOf(this IGrainFactory grains, ShardId shard) =>
        shard.Job.IsCall ? grains.GetGrain<IInferenceGrain>(shard.Value) : grains.GetGrain<IShardGrain>(shard.Value);
}
