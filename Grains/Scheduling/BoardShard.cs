namespace PiGrid.Grains.Scheduling;

/// <summary>
/// What the dispatcher remembers of a shard while it matters. Two replicas of one shard may be asked at once, before the shard knows who gets
/// the first: so owners that were given one are barred for what the shard asked before it can have heard of it. What it asks later names
/// the owners itself, and may allow one again whose replica was lost.
/// </summary>
internal sealed class BoardShard(ShardId id)
{
    private readonly Dictionary<OwnerId, DateTimeOffset> _heardAt = [];

    /// <summary>The shard.</summary>
    public ShardId Id { get; } = id;

    /// <summary>Its replicas that wait.</summary>
    public List<WaitingReplica> Waiting { get; } = [];

    /// <summary>How many of its replicas are being given to nodes that have not answered yet.</summary>
    public int Giving { get; set; }

    /// <summary>The reason that it was last told; null when none, or when it was told that there is none.</summary>
    public string? Told { get; set; }

    /// <summary>Whether its turn to be explained comes round.</summary>
    public bool IsInRotation { get; set; }

    /// <summary>Whether the owner was given a replica that the shard had not heard of when it asked for another at <paramref name="askedAt"/>.</summary>
    public bool Bars(OwnerId owner, DateTimeOffset askedAt) => _heardAt.TryGetValue(owner, out var heardAt) && askedAt <= heardAt;

    /// <summary>The owners of which <see cref="Bars"/> holds.</summary>
    public IEnumerable<OwnerId> OwnersBarred(DateTimeOffset askedAt) => _heardAt.Where(pair => askedAt <= pair.Value).Select(pair => pair.Key);

    /// <summary>The owner has, or is being given, a replica; the shard will have heard of it by <paramref name="heardAt"/>.</summary>
    public void Give(OwnerId owner, DateTimeOffset heardAt) => _heardAt[owner] = heardAt;

    /// <summary>The owner did not take it after all.</summary>
    public void TakeBack(OwnerId owner) => _heardAt.Remove(owner);

    /// <summary>Whether nothing about it matters any more.</summary>
    public bool IsOver(DateTimeOffset now) => Waiting.Count == 0 && Giving == 0 && Told is null && _heardAt.Values.All(heardAt => heardAt < now);
}
