namespace PiGrid.Grains.Nodes;

/// <summary>When this silo started: before, nobody could have seen a node come or go.</summary>
/// <param name="At">The instant.</param>
public sealed record SiloStart(DateTimeOffset At);
