using PiGrid.Verification;

namespace PiGrid.Protocol;

/// <summary>
/// The right of one node to run one replica until a deadline. The silo signs its canonical JSON: a node that returns it proves which lease it
/// held even to a silo that has forgotten it.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.Lease")]
public sealed record Lease
{
    /// <summary>128 random bits.</summary>
    [Id(0)]
    public required LeaseId Id { get; init; }

    /// <summary>The dispatcher request that it answers.</summary>
    [Id(1)]
    public required Guid Request { get; init; }

    /// <summary>The shard.</summary>
    [Id(2)]
    public required ShardId Shard { get; init; }

    /// <summary>The node.</summary>
    [Id(3)]
    public required NodeId Node { get; init; }

    /// <summary>The digest of the work order's canonical JSON.</summary>
    [Id(4)]
    public required Sha256 Work { get; init; }

    /// <summary>When it was given.</summary>
    [Id(5)]
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The latest useful report.</summary>
    [Id(6)]
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>What it is for where that is no replica: to open or to audit segments; absent otherwise.</summary>
    [Id(7)]
    public WorkKind? Kind { get; init; }
}

/// <summary>A lease with the grid's signature over its canonical JSON.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Signature">64 bytes, base64 in JSON.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.SignedLease")]
public sealed record SignedLease([property: Id(0)] Lease Lease, [property: Id(1)] byte[] Signature);

/// <summary>What a node is to do under a lease.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.WorkOrder")]
public sealed record WorkOrder
{
    /// <summary>What is run.</summary>
    [Id(0)]
    public required WorkTemplate Work { get; init; }

    /// <summary>The inputs.</summary>
    [Id(1)]
    public required IReadOnlyList<ShardInput> Inputs { get; init; }

    /// <summary>To open or to audit: which segments of each input's run; absent otherwise.</summary>
    [Id(2)]
    public IReadOnlyList<SegmentChallenge>? Challenges { get; init; }

    /// <summary>To audit: the canonical JSON of a <see cref="SegmentClaim"/> for each input; absent otherwise.</summary>
    [Id(3)]
    public IReadOnlyList<BlobRef>? Claims { get; init; }
}

/// <summary>A lease with its work order and the means to fetch what it names.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.Assignment")]
public sealed record Assignment
{
    /// <summary>The signed lease.</summary>
    [Id(0)]
    public required SignedLease Lease { get; init; }

    /// <summary>The work.</summary>
    [Id(1)]
    public required WorkOrder Order { get; init; }

    /// <summary>
    /// Proves to the blob route that this node may read the order's blobs and upload one output until the lease's deadline and a grace:
    /// sent as <c>Authorization: Grant TOKEN</c>.
    /// </summary>
    [Id(2)]
    public required string Grant { get; init; }

    /// <summary>Small blobs of the order sent along, so that they need not be fetched; checked like any other.</summary>
    [Id(3)]
    public IReadOnlyList<byte[]> Inline { get; init; } = [];

    /// <summary>A W3C trace context that the node's own spans may continue: random, another for every lease, and saying nothing of whose work it is. Absent when the silo is not traced.</summary>
    [Id(4)]
    public string? Trace { get; init; }
}
