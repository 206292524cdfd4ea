namespace PiGrid.Grains.Verification.Trust;

/// <summary>
/// A job's shards that no operator node vouches for, counted by class: how many owners agreed one after the other, and how many checks the first of them had
/// passed. All that delivery has to know of a job of any size.
/// </summary>
internal sealed class JobRisk
{
    /// <summary>The largest number of agreeing owners told apart.</summary>
    public const int AgreeingMax = 16;

    private readonly int[] _counts = new int[AgreeingMax * CheckLedger.Buckets];

    /// <summary>Counts a shard.</summary>
    /// <param name="agreeing">Owners that agreed, after <see cref="CommitmentRules.Count"/>; at least 1.</param>
    /// <param name="depth">Checks that the first of them had passed.</param>
    public void Add(int agreeing, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(agreeing);
        Add(Class(agreeing, depth));
    }

    /// <summary>Counts a shard of a class.</summary>
    internal void Add(int number) => _counts[number]++;

    /// <summary>Counts nothing any more.</summary>
    public void Clear() => Array.Clear(_counts);

    /// <summary>The classes, by number.</summary>
    internal ReadOnlySpan<int> Counts => _counts;

    /// <summary>The number of a shard's class.</summary>
    internal static int Class(int agreeing, int depth) => ((Math.Min(agreeing, AgreeingMax) - 1) * CheckLedger.Buckets) + CheckLedger.Bucket(depth);

    /// <summary>Owners that agreed in a class.</summary>
    internal static int Agreeing(int number) => (number / CheckLedger.Buckets) + 1;
}
