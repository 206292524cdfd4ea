using PiGrid.Verification;

namespace PiGrid.Grains.Telemetry;

/// <summary>What a node is counted as.</summary>
/// <param name="State">Its state.</param>
/// <param name="Tier">How far it is believed, in a word; <c>operator</c> for an operator node.</param>
internal readonly record struct NodeCount(NodeState State, string Tier)
{
    /// <summary>The word for a tier.</summary>
    public static string WordFor(ReputationTier tier) => tier switch
    {
        ReputationTier.Probation => "probation",
        ReputationTier.Trusted => "trusted",
        ReputationTier.Suspended => "suspended",
        ReputationTier.Banned => "banned",
    };
}
