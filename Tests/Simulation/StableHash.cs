namespace PiGrid.Tests.Simulation;

/// <summary>Hashes leases alike in every process, as .NET does not hash strings: the rules go through a node's leases in the order of their hashes.</summary>
internal sealed class StableHash : IEqualityComparer<LeaseId>
{
    private StableHash()
    {
    }

    /// <summary>The only one.</summary>
    public static StableHash OfLeases { get; } = new();

    /// <inheritdoc/>
    public bool Equals(LeaseId x, LeaseId y) => x == y;

    /// <inheritdoc/>
    public int GetHashCode(LeaseId id)
    {
        var hash = 2_166_136_261;
        foreach (var c in id.Value)
        {
            hash = unchecked((hash ^ c) * 16_777_619);
        }

        return unchecked((int)hash);
    }
}
