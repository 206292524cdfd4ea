namespace PiGrid;

/// <summary>How many nodes there are of each kind, as a dispatcher knows them: those that connected since it started.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeCensus")]
public sealed record NodeCensus
{
    /// <summary>Nodes by state.</summary>
    [Id(0)]
    public required IReadOnlyList<CensusCount> States { get; init; }

    /// <summary>Connected nodes by tier; operator nodes, which are believed, as <c>operator</c>.</summary>
    [Id(1)]
    public required IReadOnlyList<CensusCount> Tiers { get; init; }

    /// <summary>Connected nodes by the region that they declare.</summary>
    [Id(2)]
    public required IReadOnlyList<CensusCount> Regions { get; init; }

    /// <summary>Connected nodes by hardware class.</summary>
    [Id(3)]
    public required IReadOnlyList<CensusCount> HardwareClasses { get; init; }

    /// <summary>All nodes that were heard of.</summary>
    [Id(4)]
    public required int Known { get; init; }

    /// <summary>Nodes that are connected.</summary>
    [Id(5)]
    public required int Connected { get; init; }

    /// <summary>Replicas that the connected nodes can run at once.</summary>
    [Id(6)]
    public required long Slots { get; init; }

    /// <summary>Those of them that are free.</summary>
    [Id(7)]
    public required long FreeSlots { get; init; }
}

/// <summary>A kind of node, and how many there are.</summary>
/// <param name="Name">The kind in a word; <c>(other)</c> for all kinds that are not named.</param>
/// <param name="Nodes">How many.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.CensusCount")]
public sealed record CensusCount([property: Id(0)] string Name, [property: Id(1)] int Nodes);
