using PiGrid.Verification;

namespace PiGrid.NodeAgent.Work;

/// <summary>What running a shard gave.</summary>
/// <param name="Items">One output per input, in order.</param>
/// <param name="ModelMs">Time inside the model for all inputs, in milliseconds.</param>
/// <param name="Provider">What ran the model.</param>
/// <param name="Library">The inference library and its version.</param>
internal sealed record ShardRun(IReadOnlyList<ItemOutput> Items, double ModelMs, string Provider, string Library)
{
    /// <summary>The digest of the commitment to each input's run; null where the node commits itself to nothing.</summary>
    public IReadOnlyList<Sha256>? Commitments { get; init; }
}
