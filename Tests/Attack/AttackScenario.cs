using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Attack;

/// <summary>What is attacked, and how.</summary>
internal sealed record AttackScenario
{
    /// <summary>Nodes.</summary>
    public required int Nodes { get; init; }

    /// <summary>Shards, or online calls.</summary>
    public required int Shards { get; init; }

    /// <summary>Checks that every node, saboteurs too, has passed before; 0 is cold.</summary>
    public int Warm { get; init; }

    /// <summary>Who attacks.</summary>
    public required Adversary Adversary { get; init; }

    /// <summary>What goes wrong besides.</summary>
    public AttackNoise Noise { get; init; } = AttackNoise.None;

    /// <summary>The rules' options.</summary>
    public TrustOptions Options { get; init; } = new();

    /// <summary>Counts replicas that were out at once as confirming each other, which the rules do not: shows what that would cost.</summary>
    public bool HedgesCount { get; init; }

    /// <summary>What the grid knows before: each node's last checks, all passed, as many as a job may take over.</summary>
    public CheckLedger Evidence()
    {
        var ledger = new CheckLedger();
        for (var depth = Math.Max(0, Warm - (Options.EvidenceCarried / Nodes) - 1); depth < Warm; depth++)
        {
            for (var node = 0; node < Nodes; node++)
            {
                ledger.Add(depth, failed: false);
            }
        }

        ledger.Limit(Options.EvidenceCarried);
        return ledger;
    }
}
