namespace PiGrid.Verification;

/// <summary>How far a node, an owner, or a node with one family of models is believed.</summary>
[GenerateSerializer, Alias("PiGrid.ReputationTier")]
public enum ReputationTier
{
    /// <summary>Every result is checked.</summary>
    Probation,

    /// <summary>Some results are checked.</summary>
    Trusted,

    /// <summary>Gets no work until the suspension ends, then starts over.</summary>
    Suspended,

    /// <summary>Gets no work; covers all nodes of the owner.</summary>
    Banned,
}
