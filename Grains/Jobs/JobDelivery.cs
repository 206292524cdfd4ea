using Orleans;

namespace PiGrid.Grains.Jobs;

/// <summary>What was known of those who computed an adaptive job when it was delivered.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobDelivery")]
internal sealed record JobDelivery
{
    /// <summary>The share of its results that is expected to be wrong, at most.</summary>
    [Id(0)]
    public required double ExpectedWrong { get; init; }

    /// <summary>
    /// The chance that a result is wrong, at most, by how many owners agreed on it one after the other (outer) and by the bucket of the checks that the first
    /// of them had passed (inner).
    /// </summary>
    [Id(1)]
    public required double[] Risks { get; init; }
}
