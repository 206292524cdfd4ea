namespace PiGrid.Tests.Attack;

/// <summary>What goes wrong without an adversary.</summary>
/// <param name="Lost">The share of replicas from which no result comes, so that another one is issued; 0 to below 1.</param>
/// <param name="Hedged">The share of first replicas that are slow, so that another owner gets the shard too and both results come; 0 to 1.</param>
/// <param name="SoftErrors">The share of an honest node's results that are wrong, no two alike; 0 to 1.</param>
internal sealed record AttackNoise(double Lost = 0, double Hedged = 0, double SoftErrors = 0)
{
    /// <summary>Machines without faults.</summary>
    public static AttackNoise None { get; } = new();
}
