namespace PiGrid.Verification;

/// <summary>
/// What all checks on the grid came to: how often nodes fail, by how many checks they had passed before. One for the grid; its key is
/// <see cref="Key"/>.
/// </summary>
[Alias("PiGrid.ITrustGrain")]
public interface ITrustGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string Key = "grid";

    /// <summary>From a node's grain: one of its results was checked; the owner answers for it. <paramref name="passed"/> are the checks that it had passed before; <paramref name="isFirst"/> for the first of a node.</summary>
    [OneWay, Alias("Record")]
    Task Record(OwnerId owner, int passed, bool failed, bool isFirst);

    /// <summary>What is known, and who was found to lie after <paramref name="known"/> (a <see cref="TrustView.Version"/>; 0 for the beginning).</summary>
    [Alias("GetView")]
    Task<TrustView> GetView(long known);
}

/// <summary>What the grid knows of its saboteurs.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.TrustView")]
public sealed record TrustView
{
    /// <summary>Checks, decayed, by the bucket of how many the checked node had passed before (<c>CheckLedger.Bucket</c>).</summary>
    [Id(0)]
    public required IReadOnlyList<double> Checks { get; init; }

    /// <summary>Those of them that failed.</summary>
    [Id(4)]
    public required IReadOnlyList<double> Failures { get; init; }

    /// <summary>The share of saboteurs among owners, at most; 0 to 0.5.</summary>
    [Id(1)]
    public required double Saboteurs { get; init; }

    /// <summary>How many owners had been found when this was made; grows.</summary>
    [Id(2)]
    public required long Version { get; init; }

    /// <summary>The owners found since the version asked about; at most the newest 10,000.</summary>
    [Id(3)]
    public required IReadOnlyList<FoundOwner> Found { get; init; }
}

/// <summary>An owner that was found to have given a wrong result.</summary>
/// <param name="Owner">The owner.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.FoundOwner")]
public sealed record FoundOwner([property: Id(0)] OwnerId Owner, [property: Id(1)] DateTimeOffset At);
