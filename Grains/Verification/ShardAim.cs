namespace PiGrid.Grains.Verification;

/// <summary>What a shard's results have to reach.</summary>
internal sealed record ShardAim
{
    /// <summary>The policy.</summary>
    public required PolicyKind Kind { get; init; }

    /// <summary>How many results of distinct owners have to agree.</summary>
    public required int Agreeing { get; init; }

    /// <summary>Whether an operator node's word is wanted whatever the results say.</summary>
    public bool Audit { get; init; }

    /// <summary>Whether an operator node is there to settle what volunteers do not agree on.</summary>
    public bool Settles { get; init; }

    /// <summary>Whether the operator's word did not come in time, and is no longer waited for.</summary>
    public bool Forgone { get; init; }

    /// <summary>Whether the operator's word comes first and a volunteer's result after it: a ringer.</summary>
    public bool Ringer { get; init; }

    /// <summary>Whether the operator's word comes after the first result and is waited for under every policy: a ringer of a model that is checked by segments.</summary>
    public bool After { get; init; }

    /// <summary>Whether a part of the first result's run may be checked in place of the whole: there is none yet, or it can be.</summary>
    public bool Spot { get; init; }
}
