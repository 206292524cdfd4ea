namespace PiGrid.Grains.Nodes;

/// <summary>What is known of a node's possession of a model.</summary>
/// <param name="Model">The model's file.</param>
/// <param name="State">What is known.</param>
/// <param name="At">Since when.</param>
internal sealed record Possession(BlobRef Model, ModelProofState State, DateTimeOffset At)
{
    /// <summary>The challenge's nonce; null when none is open.</summary>
    public byte[]? Nonce { get; init; }

    /// <summary>The right answer; null when no challenge is open.</summary>
    public Sha256? Expected { get; init; }
}
