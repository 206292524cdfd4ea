namespace PiGrid.Silo.Dashboard;

/// <summary>A node in a list: what one line shows.</summary>
internal sealed record NodeGlance
{
    /// <summary>The node.</summary>
    public required NodeId Id { get; init; }

    /// <summary>The owner's name for people.</summary>
    public required string OwnerName { get; init; }

    /// <summary>Whether it belongs to the operator.</summary>
    public required bool Operator { get; init; }

    /// <summary>Its state.</summary>
    public required NodeState State { get; init; }

    /// <summary>Why it takes no work now.</summary>
    public string? Reason { get; init; }

    /// <summary>How far it is believed; absent for an operator node.</summary>
    public Verification.ReputationTier? Tier { get; init; }

    /// <summary>Its region; absent when it never connected since the silo started, as the following.</summary>
    public string? Region { get; init; }

    /// <summary>Its hardware class.</summary>
    public string? HardwareClass { get; init; }

    /// <summary>Replicas that it runs at once.</summary>
    public int? Slots { get; init; }

    /// <summary>Leases that it holds.</summary>
    public int Leases { get; init; }

    /// <summary>The machine's load, 0 to 1.</summary>
    public double? Load { get; init; }

    /// <summary>When it was last heard of.</summary>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>A status as a line.</summary>
    public static NodeGlance? Of(NodeStatus? status) => status is null ? null : new()
    {
        Id = status.Id,
        OwnerName = status.OwnerName,
        Operator = status.Operator,
        State = status.State,
        Reason = status.Reason,
        Tier = status.Reputation?.Tier,
        Region = status.Profile?.Region,
        HardwareClass = status.Profile?.HardwareClass,
        Slots = status.Profile?.Slots,
        Leases = status.Leases.Count,
        Load = status.Heartbeat?.Load,
        SeenAt = status.SeenAt,
    };
}
