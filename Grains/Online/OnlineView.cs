using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Grains.Online;

/// <summary>What a call needs to know of the grid when it begins.</summary>
/// <param name="Nodes">The connected nodes that fit its model.</param>
/// <param name="Ledger">How often checks failed; read only.</param>
/// <param name="Saboteurs">The share of saboteurs among owners, at most; 0 to 0.5.</param>
internal sealed record OnlineView(WorkForecast Nodes, CheckLedger Ledger, double Saboteurs);
