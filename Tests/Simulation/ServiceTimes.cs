namespace PiGrid.Tests.Simulation;

/// <summary>
/// How long replicas take: lognormal, times what is slow about the node, and now and then a stall on top. A replica's time depends on its shard and
/// its number among the shard's replicas alone, so that runs that differ in their faults have the same work.
/// </summary>
internal sealed record ServiceTimes
{
    /// <summary>The median.</summary>
    public TimeSpan Median { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The deviation of the logarithm.</summary>
    public double Sigma { get; init; } = 0.3;

    /// <summary>The share of replicas that stall.</summary>
    public double StallShare { get; init; }

    /// <summary>The shortest stall.</summary>
    public TimeSpan StallMin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest stall.</summary>
    public TimeSpan StallMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a stall is the node's: all that runs on it waits for its end.</summary>
    public bool StallsAreOfNodes { get; init; }

    /// <summary>The time of one replica, without its node's slowness.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="job">The job's number.</param>
    /// <param name="shard">The shard's index.</param>
    /// <param name="replica">The replica's number.</param>
    public (TimeSpan Work, TimeSpan Stall) Draw(ulong seed, int job, int shard, int replica)
    {
        var random = SimRandom.Of(seed, (job * 1_000_003L) + 17, (shard * 64L) + replica);
        var work = random.LogNormal(Median, Sigma);
        return (work, random.Chance(StallShare) ? random.Between(StallMin, StallMax) : TimeSpan.Zero);
    }
}
