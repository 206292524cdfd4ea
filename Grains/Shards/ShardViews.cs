namespace PiGrid.Grains.Shards;

/// <summary>A shard's state in the words that people look at.</summary>
internal static class ShardViews
{
    /// <summary>The view of a shard.</summary>
    public static ShardView Of(int index, ShardState state, ShardOutcome? outcome) => new()
    {
        Index = index,
        Stage = state.Phase switch
        {
            ShardPhase.New => ShardStage.Waiting,
            ShardPhase.Open => ShardStage.Open,
            ShardPhase.Accepted => ShardStage.Accepted,
            ShardPhase.GivenUp => ShardStage.GivenUp,
        },
        Issued = outcome?.Replicas ?? state.Issued,
        InputsFailed = outcome?.InputsFailed ?? 0,
        OpenedAt = Known(state.OpenedAt),
        EndedAt = outcome?.At,
        Reason = outcome?.Error ?? state.Blocked,
        Audited = outcome?.Audited == true,
        NodeMs = state.Replicas.Find(r => r.Result?.Signed.Statement.Output == state.CanonicalDigest)?.Result?.Signed.Statement.TotalMs,
        Replicas = state.Replicas.Select(replica => Of(replica, state)).ToArray(),
    };

    private static ReplicaView Of(Replica replica, ShardState state) => new()
    {
        State = replica.State,
        Node = replica.Node,
        Owner = replica.Owner,
        HardwareClass = replica.HardwareClass,
        Region = replica.Region,
        Hedge = replica.IsHedge,
        Audit = replica.IsAudit,
        GivenAt = Known(replica.GivenAt),
        ChangedAt = Known(replica.ChangedAt),
        Verdict = replica.Lease is { } lease && state.Verdicts.TryGetValue(lease, out var verdict) ? verdict : null,
        NodeMs = replica.Result?.Signed.Statement.TotalMs,
        Reason = replica.Reason,
    };

    private static DateTimeOffset? Known(DateTimeOffset at) => at == default ? null : at;
}
