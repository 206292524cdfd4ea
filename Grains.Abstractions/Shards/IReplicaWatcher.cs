using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid;

/// <summary>Whoever wants replicas: a job's shard or an online call.</summary>
[Alias("PiGrid.IReplicaWatcher")]
public interface IReplicaWatcher : IGrainWithStringKey
{
    /// <summary>From a node: a lease was given, accepted, declined, lost, or failed. Idempotent per lease and state.</summary>
    [OneWay, Alias("ReplicaChanged")]
    Task ReplicaChanged(ReplicaChange change);

    /// <summary>From a node: a signed result, also a late one. The node is told the verdict in every case. Idempotent per lease.</summary>
    [OneWay, Alias("ResultArrived")]
    Task ResultArrived(SignedResult result, ReplicaSender sender, DateTimeOffset at);

    /// <summary>
    /// From the dispatcher: why replicas of this shard cannot be placed now; null when they can again. <paramref name="lacksOwners"/>: not because nodes are busy,
    /// but because no other owner has one that fits.
    /// </summary>
    [OneWay, Alias("PlacementBlocked")]
    Task PlacementBlocked(string? reason, bool lacksOwners);
}
