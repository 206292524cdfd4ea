namespace PiGrid;

/// <summary>
/// What went wrong on the grid lately, for its operator. Who notices something reports it and goes on; the list is bounded, and written a few seconds after it changed, so
/// that a crash may lose the newest. There is one: <see cref="Key"/>.
/// </summary>
[Alias("PiGrid.IIncidentsGrain")]
public interface IIncidentsGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string Key = "grid";

    /// <summary>Something went wrong, or goes on: one that is open already counts once more.</summary>
    [OneWay, Alias("Report")]
    Task Report(IncidentKind kind, string subject, string detail);

    /// <summary>It is over. Nothing happens when none of the kind is open for the subject.</summary>
    [OneWay, Alias("Close")]
    Task Close(IncidentKind kind, string subject);

    /// <summary>All that are remembered: open ones first, then the newest.</summary>
    [Alias("List")]
    Task<IReadOnlyList<Incident>> List();
}

/// <summary>Something that went wrong.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.Incident")]
public sealed record Incident
{
    /// <summary>What.</summary>
    [Id(0)]
    public required IncidentKind Kind { get; init; }

    /// <summary>With whom or what: the id of a node, owner, model version or job; <c>store</c> for the database or disk.</summary>
    [Id(1)]
    public required string Subject { get; init; }

    /// <summary>The newest that is known of it, for people.</summary>
    [Id(2)]
    public required string Detail { get; init; }

    /// <summary>When it began.</summary>
    [Id(3)]
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When it was last reported.</summary>
    [Id(4)]
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>When it ended; null while it is open.</summary>
    [Id(5)]
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>How often it was reported.</summary>
    [Id(6)]
    public int Times { get; init; } = 1;
}

/// <summary>The kinds of incidents.</summary>
[GenerateSerializer, Alias("PiGrid.IncidentKind")]
public enum IncidentKind
{
    /// <summary>A node gets no work for some time, because of a wrong result or too many failures; over when it gets some again.</summary>
    NodeSuspended,

    /// <summary>An owner is banned; over when the ban is lifted.</summary>
    OwnerBanned,

    /// <summary>A model waits, because no operator node can validate it; over when one can.</summary>
    ModelWaits,

    /// <summary>A model was rejected. It has no duration.</summary>
    ModelRejected,

    /// <summary>A job failed, or gave shards up. It has no duration.</summary>
    JobFailed,

    /// <summary>The database or disk cannot be used; over when it can.</summary>
    StoreUnavailable,
}
