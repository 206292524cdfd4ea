namespace PiGrid.Grains.Nodes;

/// <summary>The intervals between a node's heartbeats in one session: mean and variance, the newest weighted most.</summary>
/// <param name="Beats">Intervals heard.</param>
/// <param name="Mean">Their mean, in seconds.</param>
/// <param name="Variance">Their variance, in seconds squared.</param>
internal readonly record struct HeartbeatRhythm(int Beats, double Mean, double Variance)
{
    // The weight of a new interval once enough are known: the memory of about twenty beats.
    private const double Weight = 0.05;

    /// <summary>Before the first interval.</summary>
    public static HeartbeatRhythm Unknown => default;

    /// <summary>After one more heartbeat.</summary>
    public HeartbeatRhythm Beat(DateTimeOffset? before, DateTimeOffset now)
    {
        if (before is not { } last || now <= last)
        {
            return this;
        }

        var interval = (now - last).TotalSeconds;
        var weight = Math.Max(Weight, 1.0 / (Beats + 1));
        var difference = interval - Mean;
        return new(Math.Min(Beats, int.MaxValue - 1) + 1, Mean + (weight * difference), (1 - weight) * (Variance + (weight * difference * difference)));
    }
}
