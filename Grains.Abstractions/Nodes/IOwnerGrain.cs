namespace PiGrid;

/// <summary>Whoever answers for nodes. Bans and caps are the owner's, so that a new node does not wash an old one's record. The key is an <see cref="OwnerId"/>.</summary>
[Alias("PiGrid.IOwnerGrain")]
public interface IOwnerGrain : IGrainWithStringKey
{
    /// <summary>From a node that enrols: joins the owner, or says why it may not (banned, too many nodes).</summary>
    [Alias("Join")]
    Task<string?> Join(NodeId node, string name);

    /// <summary>Bans the owner with all nodes, or lifts the ban with a null reason.</summary>
    [Alias("Ban")]
    Task<OwnerStatus> Ban(string? reason);

    /// <summary>From one of the owner's nodes: an operator node contradicted its result. The first such suspends all nodes of the owner, a second one bans them.</summary>
    [OneWay, Alias("Refuted")]
    Task Refuted(NodeId node, string detail);

    /// <summary>How the owner stands.</summary>
    [Alias("GetStatus")]
    Task<OwnerStatus> GetStatus();
}

/// <summary>How an owner stands.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.OwnerStatus")]
public sealed record OwnerStatus
{
    /// <summary>The owner.</summary>
    [Id(0)]
    public required OwnerId Id { get; init; }

    /// <summary>The name for people.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>The owner's nodes.</summary>
    [Id(2)]
    public required IReadOnlyList<NodeId> Nodes { get; init; }

    /// <summary>Why the owner is banned; null when not.</summary>
    [Id(3)]
    public string? BannedReason { get; init; }

    /// <summary>Wrong answers of its nodes, decayed.</summary>
    [Id(4)]
    public double Wrong { get; init; }

    /// <summary>When its suspension ends; null outside one.</summary>
    [Id(5)]
    public DateTimeOffset? SuspendedUntil { get; init; }
}
