using System.Globalization;

namespace PiGrid;

/// <summary>
/// Which nodes a requester allows for a job or call. They hold for every node that gets its inputs, whatever for: replicas, hedges, checks and audits. Where there are none,
/// any node that fits may have it.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.PlacementTerms")]
public sealed record PlacementTerms
{
    /// <summary>The only regions whose nodes may have it, as the nodes declare them; any when empty. At most 16.</summary>
    [Id(0)]
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Whose nodes may see the inputs.</summary>
    [Id(1)]
    public PrivacyClass PrivacyClass { get; init; }

    /// <summary>The most that a node's owner may ask for an hour of one slot, in micro-credits, 0 or more; any price when absent.</summary>
    [Id(2)]
    public Amount? PriceLimit { get; init; }

    /// <summary>Whether they say the same; regions in the same order.</summary>
    public bool Equals(PlacementTerms? other) =>
        other is not null && PrivacyClass == other.PrivacyClass && PriceLimit == other.PriceLimit && Regions.SequenceEqual(other.Regions, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(PrivacyClass, PriceLimit, Regions.Count, Regions.Count > 0 ? Regions[0] : null);

    /// <summary>For people, such as <c>region eu or us, trusted nodes, at most 0.250000 credits an hour of a slot</c>.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Regions.Count > 0)
        {
            parts.Add($"region {string.Join(" or ", Regions)}");
        }

        if (PrivacyClass != PrivacyClass.Public)
        {
            parts.Add(PrivacyClass == PrivacyClass.Private ? "the operator's nodes" : "trusted nodes");
        }

        if (PriceLimit is { } limit)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"at most {limit} credits an hour of a slot"));
        }

        return parts.Count == 0 ? "any node" : string.Join(", ", parts);
    }
}
